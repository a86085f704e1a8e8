import type { ReactNode } from "react";

interface PageHeadProps {
  title: ReactNode;
  hint?: ReactNode;
  trail?: ReactNode;
  badge?: ReactNode;
  actions?: ReactNode;
}

export function PageHead({ title, hint, trail, badge, actions }: PageHeadProps) {
  return (
    <header className="mb-5">
      {trail}
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <h1 className="min-w-0 font-semibold text-2xl text-ink tracking-tight rtl:tracking-normal">{title}</h1>
            {badge}
          </div>
          {hint ? <p className="mt-1 max-w-3xl text-muted text-sm">{hint}</p> : null}
        </div>
        {actions ? <div className="flex flex-wrap items-center gap-2">{actions}</div> : null}
      </div>
    </header>
  );
}
