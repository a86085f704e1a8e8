import { type ComponentProps, cloneElement, lazy, type ReactElement, Suspense, useState } from "react";

type Menus = typeof import("@/ui/menu");
type Trigger = Record<string, unknown>;

/** Menus, the drawer and what they need to float and hold the focus are a good part of a console; no first page needs them. */
export const fetchMenus = () => import("@/ui/menu");

const Real = lazy(() => fetchMenus().then((menus) => ({ default: menus.Menu })));

export const MenuItem = lazy(() => fetchMenus().then((menus) => ({ default: menus.MenuItem })));
export const MenuLabel = lazy(() => fetchMenus().then((menus) => ({ default: menus.MenuLabel })));
export const MenuLine = lazy(() => fetchMenus().then((menus) => ({ default: menus.MenuLine })));
export const MenuChoices = lazy(() =>
  fetchMenus().then((menus) => ({ default: menus.MenuChoices })),
) as unknown as Menus["MenuChoices"];

interface Props extends Omit<ComponentProps<Menus["Menu"]>, "trigger" | "startsOpen"> {
  trigger: ReactElement<Trigger>;
}

/** A menu of the frame: its button is there at once, the menu itself comes when it is first asked for. */
export function Menu({ trigger, ...props }: Props) {
  const [wanted, setWanted] = useState(false);
  const button = cloneElement(trigger, {
    "aria-haspopup": "menu",
    "aria-expanded": wanted,
    onPointerEnter: fetchMenus,
    onFocus: fetchMenus,
    onClick: () => setWanted(true),
    onKeyDown: (event: { key: string }) => event.key === "ArrowDown" && setWanted(true),
  });
  if (!wanted) return button;
  return (
    <Suspense fallback={button}>
      <Real startsOpen trigger={trigger} {...props} />
    </Suspense>
  );
}
