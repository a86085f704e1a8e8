import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/account";
import { useLabels } from "@/lib/labels";
import { Badge } from "@/ui/badge";
import { accessQueries, type Position } from "./access-api";

const AN_ID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

/** What roles are called: built-in ones by the catalogue, the organization's own by the list of roles. */
export function useRoleName(): (role: string) => string {
  const { t } = useTranslation();
  const labels = useLabels();
  const can = useCan();
  const roles = useQuery({ ...accessQueries.roles, enabled: can("roles.read") }).data;
  return useCallback(
    (role) => {
      const own = roles?.find((one) => one.id === role)?.name;
      return own ?? (AN_ID.test(role) ? t("people.own_role") : labels.role(role));
    },
    [roles, labels, t],
  );
}

/** Membership and job roles. */
export function PositionBadges({ position }: { position: Position }) {
  const labels = useLabels();
  const nameOf = useRoleName();
  return (
    <span className="flex flex-wrap gap-1">
      <Badge tone={position.membership === "owner" ? "accent" : "neutral"}>{labels.role(position.membership)}</Badge>
      {position.roles.map((role) => (
        <Badge key={role} tone="info">
          <bdi>{nameOf(role)}</bdi>
        </Badge>
      ))}
    </span>
  );
}
