// The button that shows the password.
const field = document.querySelector('#password');
const show = document.querySelector('#show');

show.addEventListener('click', () => {
  const shown = field.type === 'password';
  field.type = shown ? 'text' : 'password';
  show.textContent = shown ? 'Hide' : 'Show';
  show.setAttribute('aria-pressed', String(shown));
});
