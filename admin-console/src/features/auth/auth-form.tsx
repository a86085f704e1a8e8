import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { latinDigits } from "@/lib/format";
import { isProblem } from "@/lib/problem";
import { Button } from "@/ui/button";
import { ErrorNote } from "@/ui/error-note";
import { describedBy, Field, Input } from "@/ui/field";
import { PasswordInput } from "@/ui/password-input";

export interface AuthField {
  name: string;
  label: string;
  /** A code is what an app shows or a list holds: letters and digits from left to right. */
  type: "text" | "email" | "password" | "code";
  autoComplete: string;
  help?: string;
  /** What stands there at first. */
  value?: string;
  check?: (value: string) => string | undefined;
}

interface AuthFormProps<T> {
  fields: AuthField[];
  submit: string;
  onSubmit: (values: Record<string, string>) => Promise<T>;
  onDone: (answer: T) => void;
}

/** A short form for somebody who is not signed in yet. */
export function AuthForm<T>({ fields, submit, onSubmit, onDone }: AuthFormProps<T>) {
  const { t } = useTranslation();
  const form = useForm<Record<string, string>>({
    defaultValues: Object.fromEntries(fields.map((field) => [field.name, field.value ?? ""])),
  });
  const [placed, setPlaced] = useState(false);
  const send = useMutation({
    mutationFn: onSubmit,
    onSuccess: onDone,
    onError: (error) => {
      if (!isProblem(error)) return;
      const own = error.errors.filter((refusal) => fields.some((field) => field.name === refusal.field));
      for (const refusal of own) form.setError(refusal.field, { message: refusal.message });
      setPlaced(own.length > 0 && own.length === error.errors.length);
    },
  });
  return (
    <form noValidate onSubmit={form.handleSubmit((values) => send.mutate(values))} className="space-y-4">
      {send.error && !placed ? <ErrorNote error={send.error} /> : null}
      {fields.map((field) => {
        const error = form.formState.errors[field.name]?.message;
        const id = `auth-${field.name}`;
        const props = {
          id,
          autoComplete: field.autoComplete,
          "aria-invalid": error !== undefined || undefined,
          "aria-describedby": describedBy(id, field.help, error),
          className: "h-10 text-page-start",
          ...form.register(field.name, {
            validate: (value) => (value.trim() === "" ? t("form.required") : (field.check?.(value) ?? true)),
            ...(field.type === "code" ? { setValueAs: (value: string) => latinDigits(value).trim() } : {}),
          }),
        };
        return (
          <Field key={field.name} id={id} label={field.label} help={field.help} error={error}>
            {field.type === "password" ? <PasswordInput {...props} /> : null}
            {field.type === "code" ? (
              <Input {...props} dir="ltr" spellCheck={false} className="h-11 text-page-start font-mono text-lg" />
            ) : null}
            {field.type === "text" || field.type === "email" ? <Input {...props} type={field.type} dir="auto" /> : null}
          </Field>
        );
      })}
      <Button type="submit" variant="primary" size="lg" busy={send.isPending} className="w-full">
        {submit}
      </Button>
    </form>
  );
}
