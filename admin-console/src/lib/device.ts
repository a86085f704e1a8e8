const BROWSERS: [RegExp, string][] = [
  [/Edg(?:e|A|iOS)?\//, "Edge"],
  [/OPR\/|Opera/, "Opera"],
  [/SamsungBrowser\//, "Samsung Internet"],
  [/Firefox\/|FxiOS\//, "Firefox"],
  [/Chrome\/|CriOS\/|Chromium\//, "Chrome"],
  [/Safari\//, "Safari"],
];

const SYSTEMS: [RegExp, string][] = [
  [/iPhone/, "iPhone"],
  [/iPad/, "iPad"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/CrOS/, "ChromeOS"],
  [/Mac OS X|Macintosh/, "macOS"],
  [/Linux|X11/, "Linux"],
];

export interface Device {
  browser: string | undefined;
  system: string | undefined;
  /** "Chrome · Windows"; what is no browser keeps the name that it gave. */
  name: string | undefined;
  isHandheld: boolean;
}

/** What a browser said it is, as far as people care. The order matters: most claim to be several. */
export function deviceOf(userAgent: string | null | undefined): Device {
  const found = (list: [RegExp, string][]) => list.find(([pattern]) => pattern.test(userAgent ?? ""))?.[1];
  const [browser, system] = [found(BROWSERS), found(SYSTEMS)];
  const name = [browser, system].filter(Boolean).join(" · ") || userAgent?.split(/[\s(]/)[0] || undefined;
  return { browser, system, name, isHandheld: ["iPhone", "iPad", "Android"].includes(system ?? "") };
}
