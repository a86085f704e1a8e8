import { useMutation } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { Eye, EyeOff } from "lucide-react";
import { type ComponentProps, useState } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { isProblem } from "@/lib/problem";
import { Button } from "@/ui/button";
import { ErrorNote } from "@/ui/error-note";
import { describedBy, Field, Input } from "@/ui/field";

export interface AuthField {
  name: string;
  label: string;
  type: "text" | "email" | "password";
  autoComplete: string;
  help?: string;
  check?: (value: string) => string | undefined;
}

interface AuthFormProps {
  fields: AuthField[];
  submit: string;
  onSubmit: (values: Record<string, string>) => Promise<unknown>;
}

/** A short form whose success opens the console. */
export function AuthForm({ fields, submit, onSubmit }: AuthFormProps) {
  const { t } = useTranslation();
  const router = useRouter();
  const form = useForm<Record<string, string>>({
    defaultValues: Object.fromEntries(fields.map((field) => [field.name, ""])),
  });
  const [placed, setPlaced] = useState(false);
  const send = useMutation({
    mutationFn: onSubmit,
    // The guard of the sign-in route sees the new session and leads on to where the reader wanted to go.
    onSuccess: () => router.invalidate(),
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
          }),
        };
        return (
          <Field key={field.name} id={id} label={field.label} help={field.help} error={error}>
            {field.type === "password" ? (
              <PasswordInput {...props} />
            ) : (
              <Input {...props} type={field.type} dir="auto" />
            )}
          </Field>
        );
      })}
      <Button type="submit" variant="primary" size="lg" busy={send.isPending} className="w-full">
        {submit}
      </Button>
    </form>
  );
}

function PasswordInput(props: ComponentProps<typeof Input>) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  const Icon = shown ? EyeOff : Eye;
  return (
    <div className="relative">
      <Input {...props} type={shown ? "text" : "password"} className="h-10 pe-10 text-page-start" />
      <button
        type="button"
        aria-label={shown ? t("auth.hide_password") : t("auth.show_password")}
        onClick={() => setShown(!shown)}
        className="absolute inset-y-0 end-2 my-auto h-fit rounded p-1 text-faint hover:text-ink"
      >
        <Icon className="size-4" aria-hidden />
      </button>
    </div>
  );
}
