// Sets the chosen theme before the first paint, so that nothing flashes. A file of its own: the page's CSP allows no inline script.
try {
  var theme = localStorage.getItem('hushreel-theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch (error) {
  // Storage is closed to us: the system's theme it is.
}
