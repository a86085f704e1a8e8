import { useMutation } from "@tanstack/react-query";
import { useRouter, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isProblem } from "@/lib/problem";
import { queryClient } from "@/lib/query";
import { enterAsSupport } from "@/lib/session";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { ErrorNote } from "@/ui/error-note";
import { Field, Input } from "@/ui/field";
import { Note } from "@/ui/note";
import { PageHead } from "@/ui/page";

/** For the operator's staff: the address that a customer made leads here. */
export function EnterSupport() {
  const { t } = useTranslation();
  const router = useRouter();
  const search = useSearch({ strict: false }) as Record<string, string>;
  const [organization, setOrganization] = useState(search.organization ?? "");
  const [grant, setGrant] = useState(search.grant ?? "");
  const enter = useMutation({
    mutationFn: () => enterAsSupport({ organization_id: organization.trim(), grant_id: grant.trim() }),
    onSuccess: async () => {
      queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== "locales" });
      await router.navigate({ to: "/" });
      await router.invalidate();
    },
  });
  // A grant that is over and an account that is no staff's look the same.
  const isNothing = isProblem(enter.error, 404);
  return (
    <div className="mx-auto max-w-xl">
      <PageHead title={t("support_access.enter_title")} hint={t("support_access.enter_hint")} />
      <Card className="p-5">
        <form
          className="space-y-4"
          onSubmit={(event) => {
            event.preventDefault();
            enter.mutate();
          }}
        >
          {isNothing ? <Note kind="warn">{t("support_access.not_there")}</Note> : null}
          {enter.error && !isNothing ? <ErrorNote error={enter.error} /> : null}
          <Field id="visit-organization" label={t("support_access.organization")}>
            <Input
              id="visit-organization"
              dir="ltr"
              className="font-mono"
              autoComplete="off"
              value={organization}
              onChange={(event) => setOrganization(event.target.value)}
            />
          </Field>
          <Field id="visit-grant" label={t("support_access.grant")}>
            <Input
              id="visit-grant"
              dir="ltr"
              className="font-mono"
              autoComplete="off"
              value={grant}
              onChange={(event) => setGrant(event.target.value)}
            />
          </Field>
          <Button
            type="submit"
            variant="primary"
            busy={enter.isPending}
            disabled={!organization.trim() || !grant.trim()}
            className="w-full"
          >
            {t("support_access.enter")}
          </Button>
        </form>
      </Card>
    </div>
  );
}
