// Chooses light or dark before the page is painted. A classic script, so that it runs at once.
(() => {
  const KEY = "salver.theme";
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const stored = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    }
  };
  const apply = () => {
    root.dataset.theme = stored() ?? (system.matches ? "dark" : "light");
  };
  system.addEventListener("change", apply);
  apply();
  window.salverTheme = {
    current: () => root.dataset.theme,
    toggle() {
      try {
        localStorage.setItem(KEY, root.dataset.theme === "dark" ? "light" : "dark");
      } catch {
        // A browser that keeps nothing forgets the choice.
      }
      apply();
    },
  };
})();
