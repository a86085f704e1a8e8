import { useQuery } from "@tanstack/react-query";
import { Lock } from "lucide-react";
import { useId, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useCan, useMe } from "@/lib/account";
import { cn } from "@/lib/cn";
import { useLabels } from "@/lib/labels";
import { Checkbox, Field, FieldError, Select } from "@/ui/field";
import { Note } from "@/ui/note";
import { accessQueries, type Position } from "./access-api";
import { placesOf } from "./permissions";
import { MEMBERSHIPS, type Membership, mayGiveMembership, mayGiveRole, seesEverything } from "./position";

interface PositionFieldsProps {
  value: Position;
  onChange: (value: Position) => void;
  disabled?: boolean;
  /** A program runs no organization. */
  forProgram?: boolean;
  errorOf?: (field: string) => string | undefined;
}

/** Membership and job roles. What is above the caller is listed, so that he knows of it, and cannot be chosen. */
export function PositionFields({ value, onChange, disabled, forProgram, errorOf }: PositionFieldsProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  const me = useMe();
  const can = useCan();
  const id = useId();
  const mayRead = can("roles.read");
  const roles = useQuery({ ...accessQueries.roles, enabled: mayRead });
  const permissions = useQuery({ ...accessQueries.permissions, enabled: mayRead });
  const places = useMemo(() => (permissions.data ? placesOf(permissions.data) : undefined), [permissions.data]);
  const held = value.roles.map((role) => ({ id: role, name: labels.role(role), allowed: true }));
  const known = roles.data?.map((role) => ({ ...role, allowed: mayGiveRole(role, places) })) ?? held;
  const turn = (role: string) =>
    onChange({
      ...value,
      roles: value.roles.includes(role) ? value.roles.filter((one) => one !== role) : [...value.roles, role],
    });
  const rolesError = errorOf?.("roles");
  return (
    <div className="space-y-4">
      <Field
        id={`${id}-membership`}
        label={t("people.membership")}
        help={t(`people.membership_hint.${value.membership as Membership}`)}
        error={errorOf?.("membership")}
      >
        <Select
          id={`${id}-membership`}
          value={value.membership}
          disabled={disabled}
          aria-describedby={`${id}-membership-help`}
          onChange={(event) => onChange({ ...value, membership: event.target.value })}
        >
          {MEMBERSHIPS.filter((one) => !forProgram || one !== "owner").map((one) => (
            <option key={one} value={one} disabled={!mayGiveMembership(me.membership, one)}>
              {mayGiveMembership(me.membership, one)
                ? labels.role(one)
                : t("people.above_you", { what: labels.role(one) })}
            </option>
          ))}
        </Select>
      </Field>
      <fieldset disabled={disabled}>
        <legend className="mb-1.5 font-medium text-sm">{t("people.job_roles")}</legend>
        <ul className="grid gap-x-4 rounded-lg border border-line px-1.5 py-1 sm:grid-cols-2">
          {known.map((role) => {
            const given = value.roles.includes(role.id);
            const { allowed } = role;
            return (
              <li key={role.id}>
                <label
                  htmlFor={`${id}-${role.id}`}
                  className={cn(
                    "flex min-h-9 items-start gap-2.5 rounded-lg px-2 py-1.5 text-sm",
                    allowed && !disabled ? "cursor-pointer hover:bg-hover" : "text-muted",
                  )}
                >
                  <Checkbox
                    id={`${id}-${role.id}`}
                    checked={given}
                    disabled={!allowed}
                    onChange={() => turn(role.id)}
                    className="mt-0.5"
                  />
                  <span className="min-w-0">
                    <bdi className="break-words">{role.name}</bdi>
                    {allowed ? null : (
                      <span className="mt-0.5 flex items-center gap-1 text-faint text-xs">
                        <Lock className="size-3 shrink-0" aria-hidden />
                        {t("people.more_than_you")}
                      </span>
                    )}
                  </span>
                </label>
              </li>
            );
          })}
        </ul>
        {rolesError ? <FieldError>{rolesError}</FieldError> : null}
        {mayRead ? null : <p className="mt-1.5 text-faint text-xs">{t("people.no_roles")}</p>}
      </fieldset>
      {value.membership === "viewer" ? (
        <Note kind={seesEverything(value) ? "warn" : "info"}>
          {t(seesEverything(value) ? "people.sees_everything" : "people.sees_roles")}
        </Note>
      ) : null}
    </div>
  );
}
