import { QueryClient } from "@tanstack/react-query";
import { isProblem } from "./problem";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // What the server refuses it refuses again; only a missing or failing server is asked a second time.
      retry: (count, error) => count < 1 && isProblem(error) && (error.status === 0 || error.status >= 500),
    },
  },
});
