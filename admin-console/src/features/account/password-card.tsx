import { useQuery } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { client } from "@/lib/api";
import { signUpQuery } from "@/lib/factors";
import { isProblem } from "@/lib/problem";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { ErrorNote } from "@/ui/error-note";
import { describedBy, Field } from "@/ui/field";
import { PasswordInput } from "@/ui/password-input";
import { toast } from "@/ui/toast";
import { useFactorChange } from "./changes";

interface Passwords {
  current_password: string;
  password: string;
}

const FIELDS = ["current_password", "password"] as const;

export function Password({ hasPassword }: { hasPassword: boolean }) {
  const { t } = useTranslation();
  const min = useQuery(signUpQuery).data?.password_min ?? 12;
  const form = useForm<Passwords>({ defaultValues: { current_password: "", password: "" } });
  const change = useFactorChange({
    mutationFn: (body: Passwords) => client.POST("/api/v1/auth/password/change", { body }),
    onSuccess: () => {
      form.reset();
      toast(t("account.password_changed"));
    },
    onError: (error) => {
      if (!isProblem(error)) return;
      for (const refusal of error.errors) {
        const field = FIELDS.find((name) => name === refusal.field);
        if (field) form.setError(field, { message: refusal.message });
      }
    },
  });
  const isPlaced = isProblem(change.error) && change.error.errors.length > 0;
  return (
    <Card className="pb-5">
      <CardHead
        title={t("auth.password")}
        hint={hasPassword ? t("account.password_hint") : t("account.password_none")}
      />
      {hasPassword ? (
        <form noValidate onSubmit={form.handleSubmit((values) => change.mutate(values))} className="px-5">
          {change.error && !isPlaced ? <ErrorNote error={change.error} className="mb-4" /> : null}
          <div className="grid gap-4 sm:grid-cols-2">
            {FIELDS.map((name) => {
              const id = `change-${name}`;
              const error = form.formState.errors[name]?.message;
              const help = name === "password" ? t("auth.password_help", { min }) : undefined;
              return (
                <Field
                  key={name}
                  id={id}
                  label={name === "password" ? t("auth.new_password") : t("account.current_password")}
                  help={help}
                  error={error}
                >
                  <PasswordInput
                    id={id}
                    autoComplete={name === "password" ? "new-password" : "current-password"}
                    aria-invalid={error !== undefined || undefined}
                    aria-describedby={describedBy(id, help, error)}
                    {...form.register(name, { required: t("form.required") })}
                  />
                </Field>
              );
            })}
          </div>
          <Button type="submit" busy={change.isPending} className="mt-4">
            {t("account.change_password")}
          </Button>
        </form>
      ) : null}
    </Card>
  );
}
