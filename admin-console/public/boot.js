// Sets language, direction and theme before the first paint, so that no page flashes in the wrong one.
// A file of its own, not an inline script, so that a strict content security policy can hold.
(() => {
  const read = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };
  const root = document.documentElement;
  const language = read("barq.language") ?? (navigator.language.toLowerCase().startsWith("ar") ? "ar" : "en");
  root.lang = language;
  root.dir = language === "ar" ? "rtl" : "ltr";
  const theme = read("barq.theme") ?? "system";
  const dark = theme === "dark" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = dark ? "dark" : "light";
})();
