import { Plus, Trash2 } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { latinDigits } from "@/lib/format";
import { Button } from "@/ui/button";
import { FieldError, Input, Select, Textarea } from "@/ui/field";
import type { InputProps } from "../kind";
import { isEmpty } from "../kind";
import { faultLine, itemsOf, listOf, type Pair, type PairKind, pairsOf, parsed, treeOf } from "./structure";

const KINDS: PairKind[] = ["text", "number", "boolean", "other"];

/**
 * Structured data is changed line by line where it has lines, and as text where it has not. Text that is no JSON yet
 * stays as it was typed and is refused before it is sent.
 */
export function Editor(props: InputProps) {
  const { t } = useTranslation();
  const { value, onChange, field } = props;
  const now = parsed(value);
  const lines = now && (pairsOf(now.value) || itemsOf(now.value) || now.value === null || now.value === undefined);
  const [asText, setAsText] = useState(!lines);
  const switchable = lines !== undefined && lines !== false;
  return (
    <div className="rounded-lg border border-line bg-sunken/50 p-3">
      {asText || !lines ? <AsText {...props} /> : <AsLines {...props} value={now.value} />}
      <div className="mt-2 flex flex-wrap gap-2">
        <Button
          size="sm"
          variant="ghost"
          disabled={!switchable}
          onClick={() => {
            if (!asText) onChange(isEmpty(value) ? value : JSON.stringify(now?.value, null, 2));
            else onChange(now?.value ?? null);
            setAsText(!asText);
          }}
        >
          {asText ? t("json.as_lines") : t("json.as_text")}
        </Button>
        {field.example && isEmpty(value) ? (
          <Button
            size="sm"
            variant="ghost"
            onClick={() => onChange(asText ? field.example : (parsed(field.example)?.value ?? null))}
          >
            {t("json.use_example")}
          </Button>
        ) : null}
      </div>
    </div>
  );
}

function AsText({ id, field, value, onChange, onBlur, disabled, invalid, describedBy }: InputProps) {
  const { t } = useTranslation();
  const text = typeof value === "string" ? value : isEmpty(value) ? "" : JSON.stringify(value, null, 2);
  const line = text.trim() === "" ? undefined : faultLine(text);
  return (
    <>
      <Textarea
        id={id}
        name={field.name}
        dir="ltr"
        spellCheck={false}
        className="min-h-32 font-mono text-xs"
        placeholder={field.example ?? '{"name": "value"}'}
        value={text}
        onChange={(event) => onChange(event.target.value)}
        onBlur={onBlur}
        disabled={disabled}
        aria-invalid={invalid || line !== undefined || undefined}
        aria-describedby={describedBy}
      />
      {line === undefined ? null : <FieldError>{t("json.fault", { line })}</FieldError>}
    </>
  );
}

/** Lines of an object have names; lines of a list have only their place. */
function AsLines({ id, value, onChange, disabled }: InputProps) {
  const { t } = useTranslation();
  const isList = Array.isArray(value);
  // While a line is being typed its name may be empty or stand twice: the lines are kept here, the value follows.
  const [lines, setLines] = useState<Pair[]>(() => (isList ? itemsOf(value) : pairsOf(value)) ?? []);
  const sent = JSON.stringify(sentBy(lines, isList));
  const given = JSON.stringify(value ?? null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what came from outside replaces the lines; what they sent does not
  useEffect(() => {
    if (given !== sent) setLines((isList ? itemsOf(value) : pairsOf(value)) ?? []);
  }, [given]);
  function change(next: Pair[]) {
    setLines(next);
    onChange(sentBy(next, isList));
  }
  const put = (index: number, part: Partial<Pair>) =>
    change(lines.map((line, at) => (at === index ? { ...line, ...part } : line)));
  return (
    <div id={id} className="space-y-2">
      {lines.length === 0 ? <p className="text-faint text-sm">{t("json.empty")}</p> : null}
      {lines.map((line, index) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is where it stands; its name is being typed
          key={index}
          className="grid grid-cols-[1fr_auto_auto] items-center gap-2 sm:grid-cols-[minmax(8rem,1fr)_2fr_auto_auto]"
        >
          {isList ? (
            <span className="num hidden text-faint text-sm sm:block">{index + 1}</span>
          ) : (
            <Input
              aria-label={t("json.name")}
              className="col-span-full sm:col-span-1"
              value={line.key}
              disabled={disabled}
              onChange={(event) => put(index, { key: event.target.value })}
            />
          )}
          {line.kind === "boolean" ? (
            <Select
              aria-label={t("json.value")}
              value={line.text}
              disabled={disabled}
              onChange={(event) => put(index, { text: event.target.value })}
            >
              <option value="true">{t("common.yes")}</option>
              <option value="false">{t("common.no")}</option>
            </Select>
          ) : (
            <Input
              aria-label={t("json.value")}
              dir={line.kind === "text" ? "auto" : "ltr"}
              inputMode={line.kind === "number" ? "decimal" : "text"}
              className={line.kind === "other" ? "font-mono text-xs" : undefined}
              value={line.text}
              disabled={disabled}
              onChange={(event) =>
                put(index, { text: line.kind === "number" ? latinDigits(event.target.value) : event.target.value })
              }
            />
          )}
          <Select
            aria-label={t("json.kind")}
            className="w-28"
            value={line.kind}
            disabled={disabled}
            onChange={(event) => put(index, turned(line, event.target.value as PairKind))}
          >
            {KINDS.map((kind) => (
              <option key={kind} value={kind}>
                {t(`json.kind_${kind}`)}
              </option>
            ))}
          </Select>
          <Button
            variant="ghost"
            size="icon"
            aria-label={t("json.remove")}
            disabled={disabled ?? false}
            onClick={() => change(lines.filter((_, at) => at !== index))}
          >
            <Trash2 aria-hidden />
          </Button>
        </div>
      ))}
      <Button
        size="sm"
        disabled={disabled ?? false}
        onClick={() => change([...lines, { key: "", kind: lines.at(-1)?.kind ?? "text", text: "" }])}
      >
        <Plus aria-hidden />
        {t("json.add")}
      </Button>
    </div>
  );
}

function sentBy(lines: Pair[], isList: boolean): unknown {
  if (isList) return listOf(lines);
  return lines.length === 0 ? null : treeOf(lines);
}

function turned(line: Pair, kind: PairKind): Partial<Pair> {
  if (kind === "boolean") return { kind, text: line.text === "true" ? "true" : "false" };
  return { kind };
}
