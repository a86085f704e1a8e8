import { useMutation } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { Building2, ChevronDown } from "lucide-react";
import { useTranslation } from "react-i18next";
import { queryClient } from "@/lib/query";
import { switchOrganization, useSession } from "@/lib/session";
import { Button } from "@/ui/button";
import { wordsFor } from "@/ui/error-note";
import { toast } from "@/ui/toast";
import { Menu, MenuChoices, MenuLabel } from "./later-menu";

/** Which company one works in. Everything cached belongs to the old one and is dropped on a switch. */
export function OrganizationMenu() {
  const { t } = useTranslation();
  const router = useRouter();
  const { organization, organizations } = useSession();
  const change = useMutation({
    mutationFn: switchOrganization,
    onSuccess: async (session) => {
      queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== "locales" });
      await router.navigate({ to: "/" });
      await router.invalidate();
      toast(t("organization.switched", { name: session.organization.name }));
    },
    onError: (error) => toast(wordsFor(error, t), "bad"),
  });
  const name = (
    <>
      <Building2 className="text-faint" aria-hidden />
      <bdi className="truncate">{organization.name}</bdi>
    </>
  );
  if (organizations.length < 2) {
    return <p className="flex min-w-0 items-center gap-2 px-2 font-medium text-sm [&_svg]:size-4">{name}</p>;
  }
  return (
    <Menu
      align="start"
      trigger={
        <Button
          variant="ghost"
          busy={change.isPending}
          aria-label={t("organization.current", { name: organization.name })}
          className="min-w-0 shrink px-2 text-ink"
        >
          {name}
          <ChevronDown className="text-faint" aria-hidden />
        </Button>
      }
    >
      <MenuLabel>{t("organization.switch")}</MenuLabel>
      <MenuChoices
        value={organization.id}
        onChange={(id) => id !== organization.id && change.mutate(id)}
        choices={organizations.map((one) => ({ value: one.id, label: <bdi>{one.name}</bdi> }))}
      />
    </Menu>
  );
}
