import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { membersQuery } from "@/lib/resource-api";
import { Badge } from "@/ui/badge";
import type { Entry } from "./audit-api";

/** The server's id for what runs by the clock. */
const NOBODY = "00000000-0000-0000-0000-000000000000";

/** Who acted. When support acted in somebody's place, both are named. */
export function Who({ entry }: { entry: Entry }) {
  const { t } = useTranslation();
  const isSupport = Boolean(entry.on_behalf_of);
  const members = useQuery({ ...membersQuery(""), enabled: isSupport });
  const name = entry.actor.name ?? t("audit.system");
  // What runs by the clock has a name, but is nobody.
  if (!entry.actor.id || entry.actor.id === NOBODY) {
    return (
      <span title={name} className="text-muted">
        {t("audit.system")}
      </span>
    );
  }
  if (!isSupport) return <bdi>{name}</bdi>;
  const member = members.data?.find((one) => one.id === entry.on_behalf_of)?.title ?? t("audit.a_member");
  return (
    <span className="inline-flex flex-wrap items-center gap-1.5">
      <Badge tone="warn">{t("audit.support")}</Badge>
      <span>{t("audit.on_behalf", { staff: name, member })}</span>
    </span>
  );
}
