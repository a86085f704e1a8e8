import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import ar from "@/locales/ar.json";
import en from "@/locales/en.json";
import laterAr from "@/locales/later/ar.json";
import laterEn from "@/locales/later/en.json";

const SOURCE = join(import.meta.dirname, "../src");

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function flat(tree: object, prefix = ""): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tree).flatMap(([key, value]) =>
      typeof value === "string" ? [[prefix + key, value]] : Object.entries(flat(value, `${prefix}${key}.`)),
    ),
  );
}

const base = (key: string) => key.replace(/_(zero|one|two|few|many|other)$/, "");

describe("direction", () => {
  it("is never written into a class name: a page must turn around by itself", () => {
    const physical =
      /(?<![\w-])-?(?:m|p|scroll-m|scroll-p|border|rounded)-?[lr]-|(?<![\w-])(?:left|right)-[\d[]|text-(?:left|right)\b/;
    const found = files(SOURCE)
      .filter((file) => file.endsWith(".tsx"))
      .flatMap((file) =>
        readFileSync(file, "utf8")
          .split("\n")
          .filter((line) => /class/i.test(line) && physical.test(line))
          .map((line) => `${file}: ${line.trim()}`),
      );
    expect(found).toEqual([]);
  });
});

describe("catalogues", () => {
  const english = flat({ ...en, ...laterEn });
  const arabic = flat({ ...ar, ...laterAr });

  it("have each word in one place: with the first page, or with those that come later", () => {
    expect(Object.keys(laterEn).filter((key) => key in en)).toEqual([]);
    expect(Object.keys(laterAr).filter((key) => key in ar)).toEqual([]);
  });

  it("have the same keys", () => {
    const keys = (catalogue: Record<string, string>) => [...new Set(Object.keys(catalogue).map(base))].sort();
    expect(keys(arabic)).toEqual(keys(english));
  });

  it("have every plural form of Arabic where English has two", () => {
    const counted = new Set(
      Object.keys(english)
        .filter((key) => key.endsWith("_one"))
        .map(base),
    );
    const forms = new Intl.PluralRules("ar").resolvedOptions().pluralCategories;
    expect(forms).toHaveLength(6);
    const missing = [...counted].flatMap((key) =>
      forms.map((form) => `${key}_${form}`).filter((form) => arabic[form] === undefined),
    );
    expect(missing).toEqual([]);
  });

  it("name the same values in both languages", () => {
    const holes = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort();
    const different = Object.keys(english)
      .filter((key) => base(key) === key)
      .filter((key) => holes(english[key] ?? "").join() !== holes(arabic[key] ?? "").join());
    expect(different).toEqual([]);
  });

  it("leave no key unused", () => {
    const source = files(SOURCE)
      .filter((file) => /\.tsx?$/.test(file))
      .map((file) => readFileSync(file, "utf8"))
      .join("\n");
    const unused = [...new Set(Object.keys(english).map(base))].filter((key) => {
      if (source.includes(`"${key}"`)) return false;
      // `t(\`kind.${field.kind}\`)`: the last part is chosen at run time.
      const heads = [...key.matchAll(/[._]/g)].map((match) => key.slice(0, match.index + 1));
      return !heads.some((head) => source.includes(`\`${head}\${`));
    });
    expect(unused).toEqual([]);
  });
});
