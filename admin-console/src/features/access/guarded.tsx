import { Lock } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/account";
import { Card } from "@/ui/card";
import { Empty } from "@/ui/empty";

/** A page that is only asked for by whom it is for; others came by an address, and are told so. */
export function Guarded({ needs, children }: { needs: string; children: ReactNode }) {
  const { t } = useTranslation();
  const can = useCan();
  if (can(needs)) return children;
  return (
    <Card>
      <Empty icon={Lock} title={t("errors.forbidden")} />
    </Card>
  );
}
