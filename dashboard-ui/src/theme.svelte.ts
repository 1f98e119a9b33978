// Light, dark, or as the system. public/theme.js applies the choice before the first paint; this changes it.

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'hushreel-theme';
export const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

class ThemeChoice {
  now = $state<Theme>((document.documentElement.dataset.theme as Theme | undefined) ?? 'system');

  choose(theme: Theme): void {
    this.now = theme;
    if (theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    try {
      if (theme === 'system') localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, theme);
    } catch {
      // Storage is closed to us: the choice lasts until the page is left.
    }
  }

  next(): void {
    this.choose(THEMES[(THEMES.indexOf(this.now) + 1) % THEMES.length] ?? 'system');
  }
}

export const theme = new ThemeChoice();
