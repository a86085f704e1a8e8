import { useMutation, useQuery } from "@tanstack/react-query";
import { LoaderCircle } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/account";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorNote } from "@/ui/error-note";
import { Note } from "@/ui/note";
import { RowsSkeleton } from "@/ui/skeleton";
import { toast } from "@/ui/toast";
import { toggled } from "./access";
import { AskList } from "./ask-list";
import { askKey, grantsOf, startingChoice } from "./asks";
import { asksMore, isUpdating } from "./mend";
import { grant, offerQuery } from "./plugin-api";
import type { CatalogueEntry, Installation } from "./shapes";

/** An update that is under way, or one that waits because it asks for more than its predecessor. */
export function UpdateNote({ installation }: { installation: Installation }) {
  const { t } = useTranslation();
  const canManage = useCan()("plugins.manage");
  const [open, setOpen] = useState(false);
  const waiting = installation.waiting_version_id;
  if (!waiting) return null;
  if (isUpdating(installation)) {
    return (
      <Note kind="info" className="mb-4">
        <span className="flex items-center gap-2">
          <LoaderCircle className="size-4 animate-spin" aria-hidden />
          {t("plugins.updating")}
        </span>
      </Note>
    );
  }
  if (!asksMore(installation)) return null;
  return (
    <>
      <Note
        kind="info"
        title={t("plugins.update_waits")}
        className="mb-4"
        actions={
          canManage ? (
            <Button size="sm" onClick={() => setOpen(true)} className="self-center">
              {t("plugins.update_look")}
            </Button>
          ) : null
        }
      >
        {canManage ? t("plugins.update_waits_hint") : t("plugins.only_admin")}
      </Note>
      {open ? <UpdateDialog installation={installation} versionId={waiting} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

interface UpdateDialogProps {
  installation: Installation;
  versionId: string;
  onClose: () => void;
}

function UpdateDialog({ installation, versionId, onClose }: UpdateDialogProps) {
  const { t } = useTranslation();
  const offer = useQuery(offerQuery(versionId));
  if (offer.data) return <Asked entry={offer.data} installation={installation} onClose={onClose} />;
  return (
    <Dialog open onOpenChange={onClose} title={t("plugins.update_asks")} size="md">
      {offer.isError ? <ErrorNote error={offer.error} onRetry={offer.refetch} /> : <RowsSkeleton />}
    </Dialog>
  );
}

interface AskedProps {
  entry: CatalogueEntry;
  installation: Installation;
  onClose: () => void;
}

/** What is new stands first; what was granted before stays granted and can be looked at. */
function Asked({ entry, installation, onClose }: AskedProps) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState(() => startingChoice(entry.asks, installation.grants));
  const fresh = new Set(installation.waiting_asks?.asks.map(askKey));
  const accept = useMutation({
    mutationFn: () => grant(installation.id, grantsOf(entry.asks, chosen), true),
    onSuccess: () => {
      toast(t("plugins.update_started"));
      onClose();
    },
  });
  const known = entry.asks.filter((ask) => !fresh.has(askKey(ask)));
  const toggle = (key: string) => setChosen(toggled(chosen, key));
  return (
    <Dialog
      open
      onOpenChange={onClose}
      size="md"
      title={t("plugins.update_to", { version: entry.version })}
      description={t("plugins.update_asks_hint", { version: installation.plugin_version })}
      footer={
        <>
          <Button onClick={onClose}>{t("plugins.update_later")}</Button>
          <Button variant="primary" busy={accept.isPending} onClick={() => accept.mutate()}>
            {t("plugins.update_allow")}
          </Button>
        </>
      }
    >
      {accept.error ? <ErrorNote error={accept.error} className="mb-4" /> : null}
      <div className="-mx-5 -mt-4">
        <AskList
          entry={entry}
          asks={entry.asks.filter((ask) => fresh.has(askKey(ask)))}
          chosen={chosen}
          fresh={fresh}
          onToggle={toggle}
        />
        {known.length > 0 ? (
          <details className="border-line border-t">
            <summary className="cursor-pointer px-5 py-3 font-medium text-muted text-sm hover:text-ink">
              {t("plugins.update_known")}
            </summary>
            <AskList entry={entry} asks={known} chosen={chosen} onToggle={toggle} />
          </details>
        ) : null}
      </div>
    </Dialog>
  );
}
