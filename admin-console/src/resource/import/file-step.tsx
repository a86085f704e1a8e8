import { FileSpreadsheet, LoaderCircle, Upload as UploadIcon } from "lucide-react";
import { type DragEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/format";
import { Card } from "@/ui/card";
import { ErrorNote } from "@/ui/error-note";
import { Field, FieldError, Select } from "@/ui/field";
import { MOST_BYTES } from "./import-api";

interface FileStepProps {
  busy: boolean;
  error: unknown;
  onFile: (file: File, encoding: string) => void;
}

const ENCODINGS = ["utf-8", "windows-1256"] as const;
const ENDINGS = [".csv", ".xlsx", ".tsv", ".txt"];

export function FileStep({ busy, error, onFile }: FileStepProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const id = useId();
  const [encoding, setEncoding] = useState<string>("utf-8");
  const [over, setOver] = useState(false);
  const [refused, setRefused] = useState<string>();
  const [name, setName] = useState<string>();

  function take(file: File | undefined) {
    if (!file) return;
    setName(file.name);
    if (!ENDINGS.some((ending) => file.name.toLowerCase().endsWith(ending))) setRefused(t("import.wrong_type"));
    else if (file.size > MOST_BYTES) setRefused(t("import.too_large", { most: format.bytes(MOST_BYTES) }));
    else if (file.size === 0) setRefused(t("import.empty_file"));
    else {
      setRefused(undefined);
      onFile(file, encoding);
    }
  }

  function drop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  }

  return (
    <Card className="max-w-3xl p-5">
      {error ? <ErrorNote error={error} className="mb-4" /> : null}
      <label
        htmlFor={id}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
        className={cn(
          "flex cursor-pointer flex-col items-center rounded-xl border-2 border-line-strong border-dashed px-6 py-12 text-center transition-colors focus-within:border-ring hover:bg-hover/50",
          over && "border-accent bg-accent-soft",
        )}
      >
        <span className="mb-4 grid size-12 place-items-center rounded-full bg-accent-soft text-accent-text">
          {busy ? (
            <LoaderCircle className="size-6 animate-spin" aria-hidden />
          ) : (
            <UploadIcon className="size-6" aria-hidden />
          )}
        </span>
        <span className="font-semibold">{busy ? t("import.reading") : t("import.choose_file")}</span>
        <span className="mt-1 text-muted text-sm">{t("import.file_hint", { most: format.bytes(MOST_BYTES) })}</span>
        {name ? (
          <span className="mt-4 inline-flex items-center gap-2 rounded-full bg-hover px-3 py-1 text-sm">
            <FileSpreadsheet className="size-4 text-faint" aria-hidden />
            <bdi>{name}</bdi>
          </span>
        ) : null}
        <input
          id={id}
          type="file"
          accept={ENDINGS.join(",")}
          disabled={busy}
          className="sr-only"
          onChange={(event) => {
            take(event.target.files?.[0]);
            event.target.value = "";
          }}
        />
      </label>
      {refused ? <FieldError>{refused}</FieldError> : null}
      <Field
        id={`${id}-encoding`}
        label={t("import.encoding")}
        help={t("import.encoding_help")}
        className="mt-5 max-w-sm"
      >
        <Select id={`${id}-encoding`} value={encoding} onChange={(event) => setEncoding(event.target.value)}>
          {ENCODINGS.map((one) => (
            <option key={one} value={one}>
              {t(`import.encoding_${one.replace("-", "_") as "utf_8"}`)}
            </option>
          ))}
        </Select>
      </Field>
    </Card>
  );
}
