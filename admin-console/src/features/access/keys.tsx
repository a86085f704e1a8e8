import { useMutation, useQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "@/lib/account";
import { useFormat } from "@/lib/format";
import { Badge, type Tone } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Confirm } from "@/ui/confirm";
import { Dialog } from "@/ui/dialog";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { Field, Select } from "@/ui/field";
import { RowsSkeleton } from "@/ui/skeleton";
import { toast } from "@/ui/toast";
import { type ApiKey, accessQueries, type Issued, revokeKey, rotateKey } from "./access-api";
import { KeyScopes } from "./key-scopes";

const STATES = ["active", "orphaned", "expired", "revoked"] as const;
type State = (typeof STATES)[number];

const TONES: Record<State, Tone> = { active: "ok", orphaned: "warn", expired: "neutral", revoked: "neutral" };

/** How long the old key may go on, in seconds. */
const OVERLAPS = [0, 3_600, 86_400, 604_800] as const;

const isUsable = (key: ApiKey) => key.state === "active" || key.state === "orphaned";

interface KeysProps {
  state: string;
  onState: (state: string) => void;
  onIssued: (issued: Issued) => void;
}

/** The keys of the organization: whose they are, what they may do and until when. */
export function Keys({ state, onState, onIssued }: KeysProps) {
  const { t } = useTranslation();
  const keys = useQuery(accessQueries.keys);
  const [asked, setAsked] = useState<{ what: "rotate" | "revoke" | "scopes"; key: ApiKey }>();
  const found = (keys.data ?? []).filter((key) =>
    state === "usable" ? isUsable(key) : state === "all" || key.state === state,
  );
  return (
    <>
      <div className="mb-4 flex">
        <Select
          aria-label={t("people.status_label")}
          value={state}
          onChange={(event) => onState(event.target.value)}
          className="w-auto"
        >
          <option value="usable">{t("api_key.usable")}</option>
          {STATES.map((one) => (
            <option key={one} value={one}>
              {t(`api_key.state.${one}`)}
            </option>
          ))}
          <option value="all">{t("people.state.all")}</option>
        </Select>
      </div>
      {keys.isError ? <ErrorNote error={keys.error} onRetry={keys.refetch} className="mb-4" /> : null}
      <Card className={keys.isError ? "hidden" : ""}>
        {keys.isPending ? <RowsSkeleton /> : null}
        {keys.data && found.length === 0 ? (
          <Empty icon={KeyRound} title={keys.data.length === 0 ? t("api_key.none") : t("list.nothing_matches")}>
            {keys.data.length === 0 ? t("api_key.none_hint") : null}
          </Empty>
        ) : null}
        <ul className="divide-y divide-line">
          {found.map((key) => (
            <li key={key.id}>
              <Row apiKey={key} onAsk={(what) => setAsked({ what, key })} />
            </li>
          ))}
        </ul>
      </Card>
      {asked?.what === "rotate" ? (
        <Rotate
          apiKey={asked.key}
          onClose={() => setAsked(undefined)}
          onIssued={(issued) => {
            setAsked(undefined);
            onIssued(issued);
          }}
        />
      ) : null}
      {asked?.what === "revoke" ? <Revoke apiKey={asked.key} onClose={() => setAsked(undefined)} /> : null}
      {asked?.what === "scopes" ? <KeyScopes apiKey={asked.key} onClose={() => setAsked(undefined)} /> : null}
    </>
  );
}

function Row({ apiKey: key, onAsk }: { apiKey: ApiKey; onAsk: (what: "rotate" | "revoke" | "scopes") => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { user } = useMe();
  const state = key.state as State;
  const usable = isUsable(key);
  // A person's own key acts in his name: nobody else gets to see a new secret of it.
  const mayRotate = usable && !key.replaced_by && (key.user_kind === "service" || key.user_id === user.id);
  return (
    <div className="flex flex-wrap items-center gap-x-6 gap-y-3 px-5 py-4 text-sm">
      <div className="min-w-60 flex-1">
        <p className="flex flex-wrap items-center gap-2">
          <bdi className="font-medium">{key.name}</bdi>
          <Badge tone={TONES[state] ?? "neutral"} dot>
            {t(`api_key.state.${state}`)}
          </Badge>
          {key.replaced_by && usable ? <Badge tone="warn">{t("api_key.replaced")}</Badge> : null}
        </p>
        <p className="mt-1 break-all font-mono text-faint text-xs">
          <bdi dir="ltr">{`${key.prefix}…`}</bdi>
        </p>
        <p className="mt-1 text-muted text-xs">
          {key.user_kind === "service"
            ? t("api_key.of_account", { name: key.user_name })
            : t("api_key.of_person", { name: key.user_name })}
          {key.issued_to === key.user_id ? null : ` · ${t("api_key.shown_to", { name: key.issued_to_name })}`}
        </p>
        {state === "orphaned" ? <p className="mt-1 text-warn text-xs">{t("api_key.orphaned_hint")}</p> : null}
      </div>
      <dl className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5 text-xs sm:w-64">
        <dt className="text-faint">{t("api_key.last_used")}</dt>
        <dd>{key.last_used_at ? format.ago(key.last_used_at) : t("api_key.never")}</dd>
        <dt className="text-faint">{state === "revoked" ? t("api_key.revoked_at") : t("api_key.expires")}</dt>
        <dd title={format.instant(key.revoked_at ?? key.expires_at)}>{format.ago(key.revoked_at ?? key.expires_at)}</dd>
        <dt className="text-faint">{t("api_key.rate")}</dt>
        <dd>{t("api_key.per_minute", { shown: format.number(key.requests_per_minute) })}</dd>
      </dl>
      <div className="flex flex-wrap gap-2 xl:w-72 xl:justify-end">
        <Button size="sm" onClick={() => onAsk("scopes")}>
          {t("api_key.scopes_count", { count: key.scopes.length, shown: format.number(key.scopes.length) })}
        </Button>
        {mayRotate ? (
          <Button size="sm" onClick={() => onAsk("rotate")}>
            {t("api_key.rotate")}
          </Button>
        ) : null}
        {usable ? (
          <Button size="sm" className="text-bad" onClick={() => onAsk("revoke")}>
            {t("api_key.revoke")}
          </Button>
        ) : null}
      </div>
    </div>
  );
}

interface RotateProps {
  apiKey: ApiKey;
  onClose: () => void;
  onIssued: (issued: Issued) => void;
}

function Rotate({ apiKey, onClose, onIssued }: RotateProps) {
  const { t } = useTranslation();
  const [overlap, setOverlap] = useState<(typeof OVERLAPS)[number]>(86_400);
  const rotate = useMutation({ mutationFn: () => rotateKey(apiKey.id, overlap), onSuccess: onIssued });
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("api_key.rotate_title", { name: apiKey.name })}
      description={t("api_key.rotate_hint")}
      footer={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button variant="primary" busy={rotate.isPending} onClick={() => rotate.mutate()}>
            {t("api_key.rotate")}
          </Button>
        </>
      }
    >
      {rotate.error ? <ErrorNote error={rotate.error} className="mb-3" /> : null}
      <Field id="overlap" label={t("api_key.overlap")} help={t("api_key.overlap_help")}>
        <Select
          id="overlap"
          value={overlap}
          onChange={(event) => setOverlap(Number(event.target.value) as (typeof OVERLAPS)[number])}
        >
          {OVERLAPS.map((one) => (
            <option key={one} value={one}>
              {t(`api_key.overlap_${one}`)}
            </option>
          ))}
        </Select>
      </Field>
    </Dialog>
  );
}

function Revoke({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const { t } = useTranslation();
  const revoke = useMutation({
    mutationFn: () => revokeKey(apiKey.id),
    onSuccess: () => {
      toast(t("api_key.revoked", { name: apiKey.name }));
      onClose();
    },
  });
  return (
    <Confirm
      open
      onOpenChange={onClose}
      title={t("api_key.revoke_title", { name: apiKey.name })}
      description={t("api_key.revoke_hint")}
      confirm={t("api_key.revoke")}
      danger
      busy={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate()}
    />
  );
}
