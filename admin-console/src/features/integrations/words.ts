import { useTranslation } from "react-i18next";
import { useFormat } from "@/lib/format";
import { readable, useLabels } from "@/lib/labels";
import { inLanguage } from "@/lib/localized";
import { usePreferences } from "@/lib/preferences";
import { oftenOf } from "./pattern";
import type { Ask, CatalogueEntry } from "./shapes";
import { shortTime } from "./timeline";

const FROM_SETTING = /^\{setting:(\w+)\}$/;

/** Keeps a Latin name whole inside an Arabic sentence. */
export function isolated(text: string): string {
  return `\u2068${text}\u2069`;
}

/** A Sunday; the days of cron count from there. */
const SUNDAY_MS = Date.UTC(2023, 0, 1);
const DAY_MS = 86_400_000;

/** How often something runs. */
export function useOften() {
  const { t } = useTranslation();
  const format = useFormat();
  const { language } = usePreferences();
  return (pattern: string): string => {
    const often = oftenOf(pattern);
    switch (often.words) {
      case "minutes":
      case "hours":
      case "days":
        return t(`plugins.every_${often.words}`, { count: often.count, shown: format.number(often.count) });
      case "hourly":
        return t("plugins.every_hour_at", { minute: often.minute });
      case "daily":
        return t("plugins.every_day_at", { time: often.time });
      case "weekly": {
        const name = new Intl.DateTimeFormat(language, { weekday: "long", timeZone: "UTC" });
        return t("plugins.every_week_at", {
          time: often.time,
          day: name.format(new Date(SUNDAY_MS + often.day * DAY_MS)),
        });
      }
      case "monthly":
        return t("plugins.every_month_at", { time: often.time, day: format.number(often.day) });
      case "pattern":
        return t("plugins.by_pattern", { pattern: isolated(often.text) });
    }
  };
}

/** `fleet.vehicles.updated` as one reads it. */
function useEventWords() {
  const { t } = useTranslation();
  const labels = useLabels();
  return (name: string): string => {
    const [module = "", resource = "", ...rest] = name.split(".");
    const verb = rest.join(".");
    if (!verb) return name;
    const key = `${module}.${resource}`;
    return t("plugins.event_is", {
      what: labels.one(key),
      happens: t(`plugins.happens.${verb as "created"}`, { defaultValue: labels.action(key, verb) }),
    });
  };
}

/** What of a plugin is called: `fuel-source.pull`, or one of several as `schedule.run:nightly`. */
export function useHandlerWords() {
  const { t } = useTranslation();
  const event = useEventWords();
  return (handler: string): string => {
    const [name = "", which] = handler.split(/:(.*)/s);
    const words = t(`plugins.handler.${name.replace(".", "_") as "fuel-source_pull"}`, { defaultValue: name });
    if (!which) return words;
    return `${words}: ${name === "events.handle" ? event(which) : isolated(readable(which.replaceAll("-", "_")))}`;
  };
}

/** A time short enough to be read. */
export function useShortTime() {
  const { t } = useTranslation();
  const format = useFormat();
  return (us: number): string => {
    const { value, unit, digits } = shortTime(us);
    return t(`plugins.time_${unit}`, { value: format.upTo(value, digits) });
  };
}

export interface AskWords {
  title: string;
  /** Names as they are written in a computer, not words. */
  isName: boolean;
  details: string[];
  /** The only requests that it makes there: `GET /v1/bills`. */
  requests?: string[];
  reason: string;
}

/** One thing that a plugin asks for, in the reader's words. */
export function useAskWords(entry: CatalogueEntry) {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  const often = useOften();
  const shortly = useShortTime();
  const event = useEventWords();
  const { language } = usePreferences();

  function settingOf(host: string): string | undefined {
    const name = FROM_SETTING.exec(host)?.[1];
    if (!name) return undefined;
    return inLanguage(entry.settings.find((setting) => setting.name === name)?.label, language) || readable(name);
  }
  /** Its name, the name that it comes to now, or the setting where it will be entered. */
  const hostName = (host: string) => entry.hosts.find((ask) => ask.host === host)?.resolved ?? settingOf(host) ?? host;

  return (ask: Ask): AskWords => {
    const reason = inLanguage(ask.reason, language);
    const plain = (title: string, details: string[] = [], why = reason): AskWords => ({
      title,
      isName: false,
      details,
      reason: why,
    });
    switch (ask.kind) {
      case "effect":
      case "handler":
      case "state":
        return plain(reason, [], "");
      case "emit":
        return plain(t("plugins.emits", { name: isolated(ask.subject) }), [], "");
      case "read":
        return plain(labels.many(ask.subject), [
          format.list(ask.details.map((field) => labels.field(ask.subject, field))),
        ]);
      case "event": {
        const resource = ask.subject.split(".").slice(0, 2).join(".");
        const fields = ask.details.map((field) => labels.field(resource, field));
        return plain(event(ask.subject), fields.length > 0 ? [format.list(fields)] : []);
      }
      case "host": {
        const setting = settingOf(ask.subject);
        return {
          title: hostName(ask.subject),
          isName: !setting || entry.hosts.some((host) => host.host === ask.subject && host.resolved),
          details: setting ? [t("plugins.host_from_setting", { setting })] : [],
          requests: ask.details,
          reason,
        };
      }
      case "secret":
        return plain(
          reason || readable(ask.subject),
          [
            ask.details.length > 0
              ? t("plugins.secret_hint", { hosts: format.list(ask.details.map((host) => isolated(hostName(host)))) })
              : t("plugins.secret_signs"),
          ],
          "",
        );
      case "schedule":
        return plain(often(ask.details[0] ?? ""));
      case "webhook": {
        const proof = ask.details[0] ?? "none";
        return plain(t("plugins.takes_requests", { name: isolated(readable(ask.subject.replaceAll("-", "_"))) }), [
          t(`plugins.proof_${proof.startsWith("hmac") ? "signed" : proof === "plugin" ? "plugin" : "none"}`),
        ]);
      }
      case "limit":
        return plain(limit(ask), [], "");
    }
  };

  function limit(ask: Ask): string {
    const figure = ask.details[0] ?? "";
    if (ask.subject === "memory_mib") {
      return t("plugins.limit.memory_mib", { figure: format.bytes(Number(figure) * 1024 * 1024) });
    }
    if (ask.subject === "wall_ms") {
      return t("plugins.limit.wall_ms", { figure: shortly(Number(figure) * 1000) });
    }
    return t(`plugins.limit.${ask.subject as "wall_ms"}`, {
      figure: format.number(figure),
      defaultValue: `${readable(ask.subject)}: ${figure}`,
    });
  }
}
