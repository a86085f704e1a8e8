import { useTranslation } from "react-i18next";
import { useMe } from "@/lib/account";
import { useLabels } from "@/lib/labels";
import { Badge } from "@/ui/badge";
import { Card, CardHead } from "@/ui/card";
import { Fact, Facts } from "@/ui/facts";

export function Profile() {
  const { t } = useTranslation();
  const labels = useLabels();
  const { user, email_verified, organization, organizations, membership, roles } = useMe();
  return (
    <div className="grid gap-4">
      <Card className="pb-5">
        <CardHead title={t("account.you")} hint={t("account.you_hint")} />
        <Facts>
          <Fact label={t("auth.full_name")}>
            <bdi>{user.full_name}</bdi>
          </Fact>
          <Fact label={t("auth.email")}>
            <span className="flex flex-wrap items-center gap-2">
              <bdi dir="ltr" className="min-w-0 break-all">
                {user.email}
              </bdi>
              <Badge tone={email_verified ? "ok" : "neutral"}>
                {email_verified ? t("account.email_verified") : t("account.email_unverified")}
              </Badge>
            </span>
          </Fact>
        </Facts>
      </Card>
      <Card className="pb-5">
        <CardHead title={t("account.companies")} hint={t("account.companies_hint")} />
        <Facts>
          <Fact label={<bdi>{organization.name}</bdi>}>
            <span className="flex flex-wrap gap-1">
              {[...new Set([membership, ...roles])].map((role) => (
                <Badge key={role}>{labels.role(role)}</Badge>
              ))}
            </span>
          </Fact>
          {organizations
            .filter(({ id }) => id !== organization.id)
            .map((other) => (
              <Fact key={other.id} label={<bdi>{other.name}</bdi>}>
                <span className="text-faint">{t("account.by_switching")}</span>
              </Fact>
            ))}
        </Facts>
      </Card>
    </div>
  );
}
