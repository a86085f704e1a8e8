import { useQuery } from "@tanstack/react-query";
import { useLocation, useNavigate } from "@tanstack/react-router";
import { Bot, KeyRound } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/lib/format";
import { Button } from "@/ui/button";
import { PageHead } from "@/ui/page";
import { TabPanel, Tabs } from "@/ui/tabs";
import { accessQueries, type Issued } from "./access-api";
import { AccountCreate } from "./account-create";
import { Accounts } from "./accounts";
import { Guarded } from "./guarded";
import { KeyCreate } from "./key-create";
import { KeySecret } from "./key-secret";
import { Keys } from "./keys";

/** What programs come in with, and the members that are programs. */
export function ApiKeys() {
  return (
    <Guarded needs="api_keys.manage">
      <ApiKeysPage />
    </Guarded>
  );
}

function ApiKeysPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const search = useLocation().search as Record<string, string>;
  const { tab = "keys" } = search;
  const keys = useQuery(accessQueries.keys);
  const accounts = useQuery(accessQueries.accounts);
  const [making, setMaking] = useState<{ what: "account" } | { what: "key"; holder: string | undefined }>();
  const [issued, setIssued] = useState<Issued>();
  const active = keys.data?.filter((key) => key.state === "active").length;
  const count = (value: number | undefined) => (value === undefined ? {} : { count: format.number(value) });
  return (
    <>
      <PageHead
        title={t("api_key.title")}
        hint={t("api_key.hint")}
        actions={
          <>
            <Button onClick={() => setMaking({ what: "account" })}>
              <Bot aria-hidden />
              {t("api_key.new_account")}
            </Button>
            <Button variant="primary" onClick={() => setMaking({ what: "key", holder: undefined })}>
              <KeyRound aria-hidden />
              {t("api_key.new")}
            </Button>
          </>
        }
      />
      <Tabs
        value={tab}
        onChange={(next) => navigate({ to: ".", search: { tab: next }, replace: true })}
        label={t("api_key.title")}
        tabs={[
          { value: "keys", label: t("api_key.tab_keys"), ...count(active) },
          { value: "accounts", label: t("api_key.tab_accounts"), ...count(accounts.data?.length) },
        ]}
      >
        <TabPanel value="keys">
          <Keys
            state={search.state ?? "usable"}
            onState={(state) => navigate({ to: ".", search: { tab: "keys", state }, replace: true })}
            onIssued={setIssued}
          />
        </TabPanel>
        <TabPanel value="accounts">
          <Accounts onKey={(holder) => setMaking({ what: "key", holder })} />
        </TabPanel>
      </Tabs>
      {making?.what === "key" ? (
        <KeyCreate
          holder={making.holder}
          onClose={() => setMaking(undefined)}
          onIssued={(key) => {
            setMaking(undefined);
            setIssued(key);
          }}
        />
      ) : null}
      {making?.what === "account" ? (
        <AccountCreate
          onClose={() => setMaking(undefined)}
          onCreated={() => {
            setMaking(undefined);
            void navigate({ to: ".", search: { tab: "accounts" }, replace: true });
          }}
        />
      ) : null}
      {issued ? <KeySecret issued={issued} onClose={() => setIssued(undefined)} /> : null}
    </>
  );
}
