import { useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp, TriangleAlert } from "lucide-react";
import { type KeyboardEvent, useId, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { useNarrow } from "@/lib/media";
import { Badge } from "@/ui/badge";
import { Card } from "@/ui/card";
import { Checkbox, Select } from "@/ui/field";
import { SearchField } from "@/ui/search-field";
import { Amount, Change } from "./amount";
import { useOutlierWords } from "./outlier";
import { SALARIES } from "./pay-api";
import { moved, type PayRow, type Sort, type Wish, wished } from "./table-rows";

const ROW_PX = 44;
const CARD_PX = 76;
/** Rows drawn beyond the edge, so that fast scrolling meets none that is missing. */
const BEYOND = 12;

const COLUMNS = "grid-cols-[minmax(11rem,1.4fr)_minmax(9rem,1fr)_5rem_7.5rem_7.5rem_7.5rem_10.5rem]";

interface RunTableProps {
  rows: PayRow[];
}

/**
 * Everybody in a run. Only the rows in sight are drawn, so that thousands scroll like twenty. Arrows, Home and End move, Enter
 * opens the payslip, and letters go straight to the search.
 */
export function RunTable({ rows }: RunTableProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const narrow = useNarrow();
  const navigate = useNavigate();
  const [wish, setWish] = useState<Wish>({
    sort: "outlier",
    reversed: false,
    search: "",
    category: "",
    onlyOutliers: false,
  });
  const [active, setActive] = useState(0);
  const frame = useRef<HTMLDivElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const id = useId();
  const shown = useMemo(() => wished(rows, wish, format.compare), [rows, wish, format]);
  const height = narrow ? CARD_PX : ROW_PX;
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => frame.current,
    estimateSize: () => height,
    overscan: BEYOND,
  });
  const at = Math.min(active, Math.max(shown.length - 1, 0));

  function change(next: Partial<Wish>) {
    setWish({ ...wish, ...next });
    setActive(0);
    frame.current?.scrollTo?.({ top: 0 });
  }

  function open(row: PayRow | undefined) {
    if (row?.id) navigate({ to: "/hr/payslips/$id", params: { id: row.id } });
  }

  function onKeyDown(event: KeyboardEvent) {
    const page = Math.max(1, Math.floor((frame.current?.clientHeight ?? height) / height) - 1);
    const inSearch = event.target === search.current;
    // In the search field these keys move through what is typed there.
    const next = inSearch && /^(Home|End)$/.test(event.key) ? undefined : moved(event.key, at, shown.length, page);
    if (next !== undefined) {
      event.preventDefault();
      setActive(next);
      virtual.scrollToIndex(next);
    } else if (event.key === "Enter") {
      event.preventDefault();
      open(shown[at]);
    } else if (
      !inSearch &&
      event.key.length === 1 &&
      !event.ctrlKey &&
      !event.metaKey &&
      !event.altKey &&
      event.key !== " "
    ) {
      // The letter itself arrives in the field, because the field has the focus by then.
      search.current?.focus();
    } else if (event.key === "Escape" && wish.search) {
      change({ search: "" });
    }
  }

  return (
    <Card>
      <div className="flex flex-wrap items-center gap-3 p-4">
        <SearchField
          ref={search}
          label={t("pay.find_courier")}
          className="min-w-48 flex-1 sm:max-w-xs"
          aria-controls={`${id}-grid`}
          value={wish.search}
          onChange={(event) => change({ search: event.target.value })}
          onKeyDown={onKeyDown}
        />
        <CategoryChoice rows={rows} value={wish.category} onChange={(category) => change({ category })} />
        <label className="flex items-center gap-2 text-sm" htmlFor={`${id}-outliers`}>
          <Checkbox
            id={`${id}-outliers`}
            checked={wish.onlyOutliers}
            onChange={(event) => change({ onlyOutliers: event.target.checked })}
          />
          {t("pay.only_outliers")}
        </label>
        {narrow ? <SortChoice wish={wish} onChange={change} /> : null}
        <p className="num ms-auto text-faint text-sm" aria-live="polite">
          {t("pay.shown_of", { shown: format.number(shown.length), total: format.number(rows.length) })}
        </p>
      </div>
      <div className={cn(!narrow && "scroll-thin overflow-x-auto")}>
        <div className={cn(!narrow && "min-w-[58rem]")}>
          {narrow ? null : <Heads wish={wish} onChange={change} />}
          {/* biome-ignore lint/a11y/useSemanticElements: rows that are not drawn have no place in a table element */}
          <div
            ref={frame}
            id={`${id}-grid`}
            role="grid"
            aria-label={t("pay.couriers")}
            aria-rowcount={shown.length}
            aria-activedescendant={shown.length > 0 ? `${id}-${at}` : undefined}
            tabIndex={0}
            onKeyDown={onKeyDown}
            className="scroll-thin relative max-h-[65vh] min-h-40 overflow-y-auto -outline-offset-2"
          >
            {shown.length === 0 ? (
              <p className="px-5 py-10 text-center text-muted text-sm">{t("common.nothing_found")}</p>
            ) : null}
            <div style={{ height: `${virtual.getTotalSize()}px` }} className="relative">
              {virtual.getVirtualItems().map((item) => {
                const row = shown[item.index];
                if (!row) return null;
                const Line = narrow ? CardLine : TableLine;
                return (
                  // biome-ignore lint/a11y/useKeyWithClickEvents: the grid moves through its rows and opens them
                  // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus and names the active row
                  // biome-ignore lint/a11y/useSemanticElements: as above
                  <div
                    key={row.courierId}
                    id={`${id}-${item.index}`}
                    role="row"
                    aria-rowindex={item.index + 1}
                    aria-selected={item.index === at}
                    onClick={() => open(row)}
                    style={{ height: `${item.size}px`, transform: `translateY(${item.start}px)` }}
                    className={cn(
                      "absolute inset-x-0 top-0 cursor-pointer border-line border-b hover:bg-hover/60",
                      item.index === at && "bg-accent-soft hover:bg-accent-soft",
                    )}
                  >
                    <Line row={row} />
                  </div>
                );
              })}
            </div>
          </div>
        </div>
      </div>
      <p className="hidden border-line border-t px-5 py-2.5 text-faint text-xs md:block">{t("pay.keys")}</p>
    </Card>
  );
}

const HEADS: { label: "name" | "category" | "orders" | "gross" | "net" | "before" | "change"; sort?: Sort }[] = [
  { label: "name", sort: "name" },
  { label: "category" },
  { label: "orders" },
  { label: "gross" },
  { label: "net", sort: "net" },
  { label: "before" },
  { label: "change", sort: "change" },
];

function Heads({ wish, onChange }: { wish: Wish; onChange: (next: Partial<Wish>) => void }) {
  const { t } = useTranslation();
  const Arrow = wish.reversed ? ArrowUp : ArrowDown;
  return (
    <div className={cn("grid border-line border-y bg-sunken font-medium text-muted text-xs", COLUMNS)}>
      {HEADS.map(({ label, sort }, index) => (
        <div key={label} className={cn("px-4 py-2", index > 1 && "num-column")}>
          {sort ? (
            <button
              type="button"
              aria-pressed={wish.sort === sort}
              onClick={() => onChange(wish.sort === sort ? { reversed: !wish.reversed } : { sort, reversed: false })}
              className="inline-flex items-center gap-1 rounded hover:text-ink"
            >
              {t(`pay.column_${label}`)}
              {wish.sort === sort ? <Arrow className="size-3.5" aria-hidden /> : null}
            </button>
          ) : (
            t(`pay.column_${label}`)
          )}
        </div>
      ))}
    </div>
  );
}

function SortChoice({ wish, onChange }: { wish: Wish; onChange: (next: Partial<Wish>) => void }) {
  const { t } = useTranslation();
  return (
    <Select
      aria-label={t("pay.sort")}
      className="w-auto"
      value={wish.sort}
      onChange={(event) => onChange({ sort: event.target.value as Sort, reversed: false })}
    >
      {(["outlier", "net", "change", "name"] as const).map((sort) => (
        <option key={sort} value={sort}>
          {t(`pay.sort_${sort}`)}
        </option>
      ))}
    </Select>
  );
}

function CategoryChoice({
  rows,
  value,
  onChange,
}: {
  rows: PayRow[];
  value: string;
  onChange: (next: string) => void;
}) {
  const { t } = useTranslation();
  const labels = useLabels();
  const categories = [...new Set(rows.map((row) => row.category))];
  if (categories.length < 2) return null;
  return (
    <Select
      aria-label={labels.field(SALARIES, "category")}
      className="w-auto max-w-56"
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      <option value="">{t("pay.all_categories")}</option>
      {categories.map((category) => (
        <option key={category} value={category}>
          {labels.choice(SALARIES, "category", category)}
        </option>
      ))}
    </Select>
  );
}

function Mark({ row }: { row: PayRow }) {
  const words = useOutlierWords();
  if (!row.outlier) return null;
  return (
    <span title={words(row.outlier)} className="inline-flex shrink-0 text-warn">
      <TriangleAlert className="size-4" aria-hidden />
      <span className="sr-only">{words(row.outlier)}</span>
    </span>
  );
}

function State({ row }: { row: PayRow }) {
  const labels = useLabels();
  return row.status === "held" ? <Badge tone="warn">{labels.choice(SALARIES, "status", "held")}</Badge> : null;
}

function TableLine({ row }: { row: PayRow }) {
  const labels = useLabels();
  const format = useFormat();
  const cells = [
    <span key="name" className="flex min-w-0 items-center gap-2 font-medium">
      <Mark row={row} />
      <bdi className="truncate">{row.name}</bdi>
      <State row={row} />
    </span>,
    <span key="category" className="truncate text-muted">
      {labels.choice(SALARIES, "category", row.category)}
    </span>,
    row.orders === undefined ? null : format.number(row.orders),
    <Amount key="gross" value={row.gross} bare />,
    <Amount key="net" value={row.net} bare className="font-semibold" />,
    <Amount key="before" value={row.before} bare className="text-muted" />,
    <Change key="change" value={row.change} percent={row.percent} />,
  ];
  return (
    <div className={cn("grid h-full items-center text-sm", COLUMNS)}>
      {cells.map((cell, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: columns do not move
        // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus
        // biome-ignore lint/a11y/useSemanticElements: rows of a grid that is drawn in parts
        <div key={index} role="gridcell" className={cn("min-w-0 truncate px-4", index > 1 && "num num-column")}>
          {cell}
        </div>
      ))}
    </div>
  );
}

function CardLine({ row }: { row: PayRow }) {
  const labels = useLabels();
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus
    // biome-ignore lint/a11y/useSemanticElements: rows of a grid that is drawn in parts
    <div role="gridcell" className="flex h-full items-center justify-between gap-4 px-4 text-sm">
      <span className="min-w-0">
        <span className="flex items-center gap-2 font-medium">
          <Mark row={row} />
          <bdi className="truncate">{row.name}</bdi>
          <State row={row} />
        </span>
        <span className="mt-0.5 block truncate text-faint text-xs">
          {labels.choice(SALARIES, "category", row.category)}
        </span>
      </span>
      <span className="shrink-0 text-end">
        <Amount value={row.net} className="block font-semibold" />
        <span className="mt-0.5 block text-xs">
          <Change value={row.change} />
        </span>
      </span>
    </div>
  );
}
