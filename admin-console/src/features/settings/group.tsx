import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/account";
import { ErrorNote } from "@/ui/error-note";
import { PageHead } from "@/ui/page";
import { PageSkeleton } from "@/ui/skeleton";
import { childrenQuery, parentQuery } from "./group-api";
import { GroupChildren } from "./group-children";
import { GroupParent } from "./group-parent";

/** The companies above and below this one, and what is seen of which. */
export function GroupSettings() {
  const { t } = useTranslation();
  const can = useCan();
  const parent = useQuery(parentQuery);
  const children = useQuery(childrenQuery);
  const failed = parent.error ?? children.error;
  if (failed) {
    return <ErrorNote error={failed} onRetry={() => (parent.error ? parent.refetch() : children.refetch())} />;
  }
  if (!parent.data || !children.data) return <PageSkeleton />;
  return (
    <>
      <PageHead title={t("settings.section.group")} hint={t("family.hint")} />
      <div className="grid max-w-5xl gap-4">
        <GroupParent parent={parent.data} mayManage={can("organization.manage_group")} />
        <GroupChildren
          items={children.data}
          mayManage={can("organization.manage_group")}
          mayVisit={can("organization.visit_children")}
        />
      </div>
    </>
  );
}
