import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/lib/format";
import { Dialog } from "@/ui/dialog";
import { RowsSkeleton } from "@/ui/skeleton";
import type { ApiKey } from "./access-api";
import { useKeyCatalogue } from "./key-catalogue";
import { grouped } from "./permissions";

const everything = () => true;

/** What a key may do, in words. */
export function KeyScopes({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { parts, isPending } = useKeyCatalogue(everything);
  const groups = useMemo(
    () =>
      grouped(
        apiKey.scopes.map((name) => ({ name })),
        parts,
      ),
    [apiKey.scopes, parts],
  );
  return (
    <Dialog
      open
      onOpenChange={onClose}
      size="md"
      title={<bdi>{apiKey.name}</bdi>}
      description={t("api_key.scopes_hint")}
    >
      {isPending ? (
        <RowsSkeleton />
      ) : (
        <dl className="space-y-3 text-sm">
          {groups.map((group) => (
            <div key={group.key}>
              <dt className="font-medium">
                {group.part && group.part !== group.group ? `${group.part} › ${group.group}` : group.group}
              </dt>
              <dd className="text-muted">{format.list(group.items.map((one) => one.label))}</dd>
            </div>
          ))}
        </dl>
      )}
    </Dialog>
  );
}
