// Runs before the first paint: the chosen theme, and the queue that keeps calls until the recorder is there.
window.hushreel = window.hushreel || function () { (window.hushreel.q = window.hushreel.q || []).push(arguments); };
try {
  const theme = JSON.parse(localStorage.getItem('shop-theme'));
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  // No storage, no choice: light.
}
