import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { Direction } from "radix-ui";
import { useEffect } from "react";
import { directionOf, usePreferences } from "@/lib/preferences";
import { queryClient } from "@/lib/query";
import { sessionState, watchSession } from "@/lib/session";
import { Toaster } from "@/ui/toast";
import { router } from "./router";

export function App() {
  const { language } = usePreferences();

  // Whoever is signed out, here or by the server, must not see what the last person saw.
  useEffect(
    () =>
      watchSession(() => {
        if (sessionState().status !== "signed-out") return;
        queryClient.clear();
        router.invalidate();
      }),
    [],
  );

  return (
    <QueryClientProvider client={queryClient}>
      <Direction.Provider dir={directionOf(language)}>
        <RouterProvider router={router} />
        <Toaster />
      </Direction.Provider>
    </QueryClientProvider>
  );
}
