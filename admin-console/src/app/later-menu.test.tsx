import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { Menu, MenuItem } from "./later-menu";

it("opens with the press that fetches it, and gives the focus back to its button", async () => {
  const chosen = vi.fn();
  render(
    <Menu trigger={<button type="button">{"Account"}</button>}>
      <MenuItem onSelect={chosen}>{"Sign out"}</MenuItem>
    </Menu>,
  );
  const user = userEvent.setup();
  expect(screen.getByRole("button", { name: "Account", expanded: false })).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Account" }));
  await user.click(await screen.findByRole("menuitem", { name: "Sign out" }));
  expect(chosen).toHaveBeenCalledOnce();
  await vi.waitFor(() => expect(screen.getByRole("button", { name: "Account", expanded: false })).toHaveFocus());
  // By the keyboard too, now that it is there.
  await user.keyboard("{ArrowDown}");
  expect(await screen.findByRole("menuitem", { name: "Sign out" })).toBeVisible();
});
