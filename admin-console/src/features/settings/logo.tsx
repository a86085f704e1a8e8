import { useMutation } from "@tanstack/react-query";
import { ImagePlus, Trash2 } from "lucide-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Answer } from "@/api/answer";
import { api } from "@/lib/api";
import { cn } from "@/lib/cn";
import { useFileUrl } from "@/lib/file-url";
import { Button } from "@/ui/button";
import { wordsFor } from "@/ui/error-note";
import { FieldError } from "@/ui/field";

const TYPES = ["image/png", "image/jpeg", "image/webp"];
const MOST_BYTES = 1_048_576;

interface LogoProps {
  fileId: string | null;
  name: string;
  disabled: boolean;
  error: string | undefined;
  onChange: (fileId: string | null) => void;
}

/** The organization's picture: uploaded at once, taken over with the other settings. */
export function Logo({ fileId, name, disabled, error, onChange }: LogoProps) {
  const { t } = useTranslation();
  const chooser = useRef<HTMLInputElement>(null);
  const url = useFileUrl(fileId);
  const [wrong, setWrong] = useState<"logo_type" | "logo_size">();
  const upload = useMutation({
    mutationFn: (file: File) =>
      api.post<Answer<"/api/v1/files", "post">>("/files", { query: { name: file.name }, raw: file }),
    onSuccess: (stored) => onChange(stored.id),
  });
  function choose(file: File | undefined) {
    if (!file) return;
    const fault = !TYPES.includes(file.type) ? "logo_type" : file.size > MOST_BYTES ? "logo_size" : undefined;
    setWrong(fault);
    if (!fault) upload.mutate(file);
  }
  const shownError = wrong ? t(`company.${wrong}`) : (error ?? (upload.error ? wordsFor(upload.error, t) : undefined));
  return (
    <div className="min-w-0">
      <p id="company-logo-label" className="mb-1.5 font-medium text-sm">
        {t("company.field.logo_file_id")}
      </p>
      <div className="flex items-center gap-4">
        <div
          className={cn(
            "grid size-20 shrink-0 place-items-center overflow-hidden rounded-xl border border-line",
            url ? "bg-white" : "bg-sunken",
          )}
        >
          {url ? (
            <img src={url} alt={t("company.logo_of", { name })} className="max-h-full max-w-full object-contain" />
          ) : (
            <ImagePlus className="size-6 text-faint" aria-hidden />
          )}
        </div>
        <div className="min-w-0">
          <input
            ref={chooser}
            type="file"
            accept={TYPES.join(",")}
            className="sr-only"
            tabIndex={-1}
            aria-labelledby="company-logo-label"
            disabled={disabled}
            onChange={(event) => {
              choose(event.target.files?.[0]);
              event.target.value = "";
            }}
          />
          {disabled ? null : (
            <div className="flex flex-wrap gap-2">
              <Button size="sm" busy={upload.isPending} onClick={() => chooser.current?.click()}>
                {fileId ? t("company.replace_logo") : t("company.choose_logo")}
              </Button>
              {fileId ? (
                <Button size="sm" variant="ghost" onClick={() => onChange(null)}>
                  <Trash2 aria-hidden />
                  {t("company.remove_logo")}
                </Button>
              ) : null}
            </div>
          )}
          {shownError ? (
            <FieldError>{shownError}</FieldError>
          ) : (
            <p className="mt-1.5 text-faint text-xs">
              {disabled && !fileId ? t("company.no_logo") : t("company.help.logo")}
            </p>
          )}
        </div>
      </div>
    </div>
  );
}
