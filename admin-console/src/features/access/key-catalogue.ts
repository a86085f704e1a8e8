import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useCan, useMe } from "@/lib/account";
import { readable, useLabels } from "@/lib/labels";
import { accessQueries, type Role } from "./access-api";
import { type Entry, forKeys, objectOf, type Part, tidy } from "./permissions";

/** What a service account may do, as far as it follows from roles alone: memberships but a viewer's say more than roles. */
export function holdsOf(account: { membership: string; roles: string[] }, roles: readonly Role[] | undefined) {
  if (account.membership !== "viewer" || account.roles.length === 0 || !roles) return () => true;
  const held = new Set(
    roles.filter((role) => account.roles.includes(role.id)).flatMap((role) => role.permissions.map((one) => one.name)),
  );
  return (name: string) => held.has(name);
}

/** Whoever may not read the catalogue still has his own permissions to give, by their names. */
function ownOnly(names: readonly string[], label: string, many: (name: string) => string): Part[] {
  const groups = [...new Set(names.map(objectOf))].sort().map((object) => ({
    name: object,
    label: many(object),
    permissions: names
      .filter((name) => objectOf(name) === object)
      .map(
        (name): Entry => ({
          name,
          label: readable(name.slice(object.length + 1)),
          kind: "other",
          fields: [],
          is_scoped: false,
          grantable: "all",
        }),
      ),
  }));
  return groups.length > 0 ? [{ module: "", label, groups }] : [];
}

/** What a key can be given by this caller, for this holder. */
export function useKeyCatalogue(holds: (name: string) => boolean) {
  const can = useCan();
  const me = useMe();
  const labels = useLabels();
  const { t } = useTranslation();
  const mayRead = can("roles.read");
  const permissions = useQuery({ ...accessQueries.permissions, enabled: mayRead });
  const parts = useMemo(() => {
    const all = mayRead
      ? tidy(permissions.data ?? [])
      : ownOnly([...me.permissions, ...Object.keys(me.scopes)], t("api_key.scopes"), (name) => labels.many(name));
    return forKeys(all, holds);
  }, [permissions.data, mayRead, me, labels, holds, t]);
  return { parts, isPending: mayRead && permissions.isPending, error: permissions.error, refetch: permissions.refetch };
}
