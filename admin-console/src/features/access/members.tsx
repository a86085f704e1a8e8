import { useQuery } from "@tanstack/react-query";
import { Users } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "@/lib/account";
import { fold } from "@/lib/fold";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { useNarrow } from "@/lib/media";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { Select } from "@/ui/field";
import { SearchField } from "@/ui/search-field";
import { RowsSkeleton } from "@/ui/skeleton";
import { Table, Td, Th } from "@/ui/table";
import { accessQueries, type Member } from "./access-api";
import { MEMBERSHIPS } from "./position";
import { PositionBadges, useRoleName } from "./role-names";

/** As many as are drawn before one asks for more. */
const STEP = 50;

interface MembersProps {
  search: Record<string, string>;
  onSearch: (next: Record<string, string | undefined>) => void;
  onOpen: (id: string) => void;
}

/** Who belongs to the organization; the list is small enough to be searched here. */
export function Members({ search, onSearch, onOpen }: MembersProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const labels = useLabels();
  const narrow = useNarrow();
  const nameOf = useRoleName();
  const members = useQuery(accessQueries.members);
  const [shown, setShown] = useState(STEP);
  const { q = "", role = "", status = "" } = search;
  const found = useMemo(() => {
    const words = fold(q).split(/\s+/).filter(Boolean);
    return (members.data ?? [])
      .filter((one) => {
        const text = fold(`${one.full_name} ${one.email}`);
        return (
          words.every((word) => text.includes(word)) &&
          (!role || one.membership === role || one.roles.includes(role)) &&
          (!status || one.status === status)
        );
      })
      .sort((a, b) => format.compare(a.full_name, b.full_name));
  }, [members.data, q, role, status, format]);
  const jobRoles = useMemo(
    () =>
      [...new Set((members.data ?? []).flatMap((one) => one.roles))].sort((a, b) =>
        format.compare(nameOf(a), nameOf(b)),
      ),
    [members.data, format, nameOf],
  );
  const rows = found.slice(0, shown);
  return (
    <>
      <div className="mb-4 flex flex-wrap items-center gap-2">
        <SearchField
          label={t("people.search")}
          className="min-w-56 flex-1 sm:max-w-md"
          defaultValue={q}
          onChange={(event) => onSearch({ q: event.target.value || undefined })}
        />
        <Select
          aria-label={t("people.role")}
          value={role}
          onChange={(event) => onSearch({ role: event.target.value || undefined })}
          className="w-auto max-w-48"
        >
          <option value="">{t("people.every_role")}</option>
          <optgroup label={t("people.membership")}>
            {MEMBERSHIPS.map((one) => (
              <option key={one} value={one}>
                {labels.role(one)}
              </option>
            ))}
          </optgroup>
          {jobRoles.length > 0 ? (
            <optgroup label={t("people.job_roles")}>
              {jobRoles.map((one) => (
                <option key={one} value={one}>
                  {nameOf(one)}
                </option>
              ))}
            </optgroup>
          ) : null}
        </Select>
        <Select
          aria-label={t("people.status_label")}
          value={status}
          onChange={(event) => onSearch({ status: event.target.value || undefined })}
          className="w-auto"
        >
          <option value="">{t("people.every_status")}</option>
          <option value="active">{t("people.status.active")}</option>
          <option value="suspended">{t("people.status.suspended")}</option>
        </Select>
      </div>
      {members.isError ? <ErrorNote error={members.error} onRetry={members.refetch} className="mb-4" /> : null}
      <Card className={members.isError ? "hidden" : "overflow-hidden"}>
        {members.isPending ? <RowsSkeleton /> : null}
        {members.data && found.length === 0 ? <Empty icon={Users} title={t("list.nothing_matches")} /> : null}
        {rows.length > 0 ? (
          narrow ? (
            <ul className="divide-y divide-line">
              {rows.map((one) => (
                <li key={one.user_id}>
                  <button
                    type="button"
                    aria-haspopup="dialog"
                    onClick={() => onOpen(one.user_id)}
                    className="block w-full px-4 py-3 text-start hover:bg-hover"
                  >
                    <span className="flex items-start justify-between gap-3">
                      <Who member={one} />
                      <Status status={one.status} />
                    </span>
                    <span className="mt-2 block">
                      <PositionBadges position={one} />
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          ) : (
            <Table>
              <thead>
                <tr>
                  <Th className="border-t-0 text-start">{t("people.name")}</Th>
                  <Th className="border-t-0 text-start">{t("people.role")}</Th>
                  <Th className="border-t-0 text-start">{t("people.status_label")}</Th>
                  <Th className="border-t-0 text-start">{t("people.since")}</Th>
                </tr>
              </thead>
              <tbody>
                {rows.map((one) => (
                  <tr key={one.user_id} className="group relative hover:bg-hover">
                    <Td>
                      <button
                        type="button"
                        aria-haspopup="dialog"
                        onClick={() => onOpen(one.user_id)}
                        className="block max-w-full text-start after:absolute after:inset-0"
                      >
                        <Who member={one} />
                      </button>
                    </Td>
                    <Td>
                      <PositionBadges position={one} />
                    </Td>
                    <Td>
                      <Status status={one.status} />
                    </Td>
                    <Td className="whitespace-nowrap text-muted">{format.date(one.created_at.slice(0, 10))}</Td>
                  </tr>
                ))}
              </tbody>
            </Table>
          )
        ) : null}
        {found.length > shown ? (
          <div className="px-5 py-3 text-center">
            <Button onClick={() => setShown(shown + STEP)}>{t("common.more")}</Button>
          </div>
        ) : null}
      </Card>
    </>
  );
}

function Who({ member }: { member: Member }) {
  const { t } = useTranslation();
  const { user } = useMe();
  return (
    <span className="block min-w-0">
      <span className="block truncate font-medium group-hover:text-accent-text">
        <bdi>{member.user_id === user.id ? t("member.me", { name: member.full_name }) : member.full_name}</bdi>
      </span>
      <bdi className="block truncate text-faint text-xs">{member.email}</bdi>
    </span>
  );
}

export function Status({ status }: { status: string }) {
  const { t } = useTranslation();
  const suspended = status === "suspended";
  return (
    <Badge tone={suspended ? "warn" : "ok"} dot>
      {t(suspended ? "people.status.suspended" : "people.status.active")}
    </Badge>
  );
}
