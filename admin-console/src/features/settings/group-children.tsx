import { useMutation } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { Building2, Eye } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/lib/format";
import { queryClient } from "@/lib/query";
import { switchOrganization } from "@/lib/session";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { Confirm } from "@/ui/confirm";
import { CopyLine } from "@/ui/copy-line";
import { Dialog } from "@/ui/dialog";
import { Empty } from "@/ui/empty";
import { wordsFor } from "@/ui/error-note";
import { Table, Td, Th } from "@/ui/table";
import { toast } from "@/ui/toast";
import { type Child, enterChild, type JoinCode, makeCode, releaseChild } from "./group-api";

interface GroupChildrenProps {
  items: Child[];
  mayManage: boolean;
  mayVisit: boolean;
}

/** The companies below, and the code with which another one joins. */
export function GroupChildren({ items, mayManage, mayVisit }: GroupChildrenProps) {
  const { t } = useTranslation();
  const [code, setCode] = useState<JoinCode>();
  const make = useMutation({
    mutationFn: makeCode,
    onSuccess: setCode,
    onError: (error) => toast(wordsFor(error, t), "bad"),
  });
  const button = mayManage ? (
    <Button busy={make.isPending} onClick={() => make.mutate()}>
      {t("family.make_code")}
    </Button>
  ) : null;
  return (
    <Card>
      <CardHead title={t("family.children")} actions={items.length > 0 ? button : null} />
      {items.length === 0 ? (
        <Empty icon={Building2} title={t("family.children_none")} className="py-8" actions={button}>
          {mayManage ? t("family.children_hint") : null}
        </Empty>
      ) : (
        <Table>
          <thead>
            <tr>
              <Th className="px-5 text-start">{t("family.company")}</Th>
              <Th className="text-start max-md:hidden">{t("family.since")}</Th>
              <Th className="text-start">{t("family.may_view")}</Th>
              <Th>
                <span className="sr-only">{t("family.enter")}</span>
              </Th>
            </tr>
          </thead>
          <tbody>
            {items.map((child) => (
              <Row key={child.id} child={child} mayManage={mayManage} mayVisit={mayVisit} />
            ))}
          </tbody>
        </Table>
      )}
      {code ? <CodeDialog code={code} onClose={() => setCode(undefined)} /> : null}
    </Card>
  );
}

function Row({ child, mayManage, mayVisit }: { child: Child; mayManage: boolean; mayVisit: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const router = useRouter();
  const [releasing, setReleasing] = useState(false);
  const release = useMutation({
    mutationFn: () => releaseChild(child.id),
    onSuccess: () => toast(t("family.released", { name: child.name })),
  });
  const enter = useMutation({
    mutationFn: async () => switchOrganization(await enterChild(child.id)),
    onSuccess: async () => {
      queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== "locales" });
      await router.navigate({ to: "/" });
      await router.invalidate();
    },
    onError: (error) => toast(wordsFor(error, t), "bad"),
  });
  return (
    <tr>
      <Td className="px-5 font-medium">
        <bdi>{child.name}</bdi>
      </Td>
      <Td className="whitespace-nowrap max-md:hidden">{format.date(child.linked_at)}</Td>
      <Td>
        {child.view_ends_at ? (
          <Badge tone="ok">{t("family.until", { when: format.instant(child.view_ends_at) })}</Badge>
        ) : (
          <Badge>{t("family.not_granted")}</Badge>
        )}
      </Td>
      <Td>
        <div className="flex flex-wrap justify-end gap-2">
          {mayVisit && child.view_ends_at ? (
            <Button size="sm" busy={enter.isPending} onClick={() => enter.mutate()}>
              <Eye aria-hidden />
              {t("family.enter")}
            </Button>
          ) : null}
          {mayManage ? (
            <Button size="sm" variant="ghost" onClick={() => setReleasing(true)}>
              {t("family.release")}
            </Button>
          ) : null}
        </div>
        <Confirm
          open={releasing}
          onOpenChange={setReleasing}
          title={t("family.release_title", { name: child.name })}
          description={t("family.release_hint")}
          confirm={t("family.release")}
          danger
          busy={release.isPending}
          error={release.error}
          onConfirm={() => release.mutate()}
        />
      </Td>
    </tr>
  );
}

function CodeDialog({ code, onClose }: { code: JoinCode; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("family.code_title")}
      description={t("family.code_once", { when: format.instant(code.expires_at) })}
      footer={<Button onClick={onClose}>{t("common.close")}</Button>}
    >
      <CopyLine label={t("family.code_title")} text={code.code} />
    </Dialog>
  );
}
