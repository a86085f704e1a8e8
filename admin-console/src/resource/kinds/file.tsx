import { useMutation } from "@tanstack/react-query";
import { FileDown, Paperclip, X } from "lucide-react";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Answer } from "@/api/answer";
import { api, download } from "@/lib/api";
import { Button } from "@/ui/button";
import { wordsFor } from "@/ui/error-note";
import { FieldError } from "@/ui/field";
import { toast } from "@/ui/toast";
import type { CellProps, InputProps, Kind } from "./kind";
import { isEmpty } from "./kind";
import { Nothing, PresenceFilter } from "./shared";

function Input({ id, value, onChange, disabled, describedBy }: InputProps) {
  const { t } = useTranslation();
  const chooser = useRef<HTMLInputElement>(null);
  const upload = useMutation({
    mutationFn: (file: File) =>
      api.post<Answer<"/api/v1/files", "post">>("/files", { query: { name: file.name }, raw: file }),
    onSuccess: (stored) => onChange(stored.id),
  });
  return (
    <div>
      <input
        ref={chooser}
        id={id}
        type="file"
        className="sr-only"
        disabled={disabled}
        aria-describedby={describedBy}
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) upload.mutate(file);
        }}
      />
      <div className="flex items-center gap-2">
        <Button busy={upload.isPending} disabled={disabled ?? false} onClick={() => chooser.current?.click()}>
          <Paperclip aria-hidden />
          {isEmpty(value) ? t("file.choose") : t("file.replace")}
        </Button>
        {upload.data ? <bdi className="min-w-0 truncate text-muted text-sm">{upload.data.name}</bdi> : null}
        {isEmpty(value) ? null : (
          <Button variant="ghost" size="icon" aria-label={t("common.clear")} onClick={() => onChange(null)}>
            <X aria-hidden />
          </Button>
        )}
      </div>
      {upload.error ? <FieldError>{wordsFor(upload.error, t)}</FieldError> : null}
    </div>
  );
}

function Cell({ value }: CellProps) {
  const { t } = useTranslation();
  const save = useMutation({
    mutationFn: () => download(`/files/${value}`, {}, "file"),
    onError: (error) => toast(wordsFor(error, t), "bad"),
  });
  if (isEmpty(value)) return <Nothing />;
  return (
    <Button variant="link" busy={save.isPending} onClick={() => save.mutate()}>
      <FileDown aria-hidden />
      {t("file.download")}
    </Button>
  );
}

export const file: Kind = { Input, Cell, Filter: PresenceFilter };
