//! Calls with a token that a login gives and that ends some day.

use barq_plugin::http::{Request, Response};
use barq_plugin::{Result, secrets};

/// Sends a request that needs the captured secret `token`: logs in where there is none, and once more where the provider
/// does not accept it any longer.
pub fn with_token(token: &str, login: impl Fn() -> Result<()>, request: impl Fn() -> Request) -> Result<Response> {
    let fresh = !secrets::is_set(token);
    if fresh {
        login()?;
    }
    let answer = request().send()?;
    if answer.status() != 401 || fresh {
        return answer.success();
    }
    secrets::forget(token)?;
    login()?;
    request().send()?.success()
}
