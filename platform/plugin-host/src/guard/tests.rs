use super::*;

#[test]
fn private_addresses_are_not_public_in_any_form() {
    let private = [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "2002:c0a8:101::",
        "2001::1",
        "2001:db8::1",
        "3fff::1",
        "fe80::1",
        "fec0::1",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "100::1",
    ];
    for address in private {
        assert!(!is_public(address.parse().unwrap()), "{address}");
    }
    let public = [
        "1.1.1.1",
        "8.8.8.8",
        "100.63.255.255",
        "100.128.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "192.167.1.1",
        "198.17.0.1",
        "198.20.0.1",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::",
        "2001:4860:4860::8888",
        "2606:4700:4700::1111",
        "2a00:1450::1",
    ];
    for address in public {
        assert!(is_public(address.parse().unwrap()), "{address}");
    }
}

#[test]
fn a_url_is_admitted_by_its_form() {
    let guard = Guard::new("http://127.0.0.1:8099, https://gateway.internal".parse().unwrap()).unwrap();
    let cases = [
        ("https://api.example.com/v1?a=b", Ok("api.example.com")),
        ("https://API.Example.com:443/", Ok("api.example.com")),
        ("https://api.example.com:8443/", Ok("api.example.com:8443")),
        ("https://api.example.com./", Ok("api.example.com.")),
        ("https://gateway.internal/x", Ok("gateway.internal")),
        ("http://127.0.0.1:8099/bills", Ok("127.0.0.1:8099")),
        ("http://127.1:8099/bills", Ok("127.0.0.1:8099")),
        ("http://127.0.0.1:8098/", Err(Refusal::NotHttps)),
        ("https://127.0.0.1:8099/", Err(Refusal::Address)),
        ("http://gateway.internal/", Err(Refusal::NotHttps)),
        ("http://api.example.com/", Err(Refusal::NotHttps)),
        ("ftp://api.example.com/", Err(Refusal::NotHttps)),
        ("file:///etc/passwd", Err(Refusal::Unreadable)),
        ("https://127.0.0.1/", Err(Refusal::Address)),
        ("https://[::ffff:127.0.0.1]/", Err(Refusal::Address)),
        ("https://2130706433/", Err(Refusal::Address)),
        ("https://0x7f.1/", Err(Refusal::Address)),
        ("https://0177.0.0.1/", Err(Refusal::Address)),
        ("https://１２７.0.0.1/", Err(Refusal::Address)),
        ("https://8.8.8.8/", Err(Refusal::Address)),
        ("https://user:pass@api.example.com/", Err(Refusal::Credentials)),
        ("https://api.example.com@evil.example/", Err(Refusal::Credentials)),
        ("api.example.com", Err(Refusal::Unreadable)),
        ("", Err(Refusal::Unreadable)),
    ];
    for (url, expected) in cases {
        let got = guard.admit(url).map(|admitted| admitted.authority());
        assert_eq!(got, expected.map(str::to_owned), "{url}");
    }
    assert_eq!(
        guard
            .admit(&format!("https://a.example/{}", "x".repeat(9_000)))
            .unwrap_err(),
        Refusal::TooLong
    );
}

#[test]
fn an_allow_list_holds_origins_only() {
    for bad in [
        "127.0.0.1:8099",
        "http://a/path",
        "ftp://a",
        "http://u@a",
        "http://a?x",
        "nonsense",
    ] {
        assert!(bad.parse::<AllowList>().is_err(), "{bad}");
    }
    assert_eq!("".parse::<AllowList>(), Ok(AllowList::default()));
}

fn get(guard: &Guard, url: &str) -> Outbound {
    Outbound {
        method: Method::GET,
        to: guard.admit(url).unwrap(),
        headers: HeaderMap::new(),
        body: vec![],
        timeout: Duration::from_secs(5),
        max_response_bytes: 1_000,
    }
}

#[tokio::test]
async fn a_name_that_leads_home_is_blocked() {
    let guard = Guard::new(AllowList::default()).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
    assert_eq!(
        guard.send(get(&guard, &url)).await.unwrap_err(),
        SendError::BlockedAddress
    );
    let untouched = tokio::time::timeout(Duration::from_millis(100), listener.accept()).await;
    assert!(untouched.is_err(), "nothing may have connected");
}

/// The catalogue's A14: the guard is what stands between every address of a setting and the network.
#[tokio::test]
async fn an_address_of_a_setting_never_leads_inside() {
    use std::io::Write;
    let guard = Guard::new(AllowList::default()).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (mut tried, mut named) = (0, 0);
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "10.0.0.1",
        "169.254.169.254",
        "[64:ff9b::7f00:1]",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "user@localhost",
    ] {
        for scheme in ["https", "http"] {
            let url = format!("{scheme}://{host}:{port}/");
            tried += 1;
            if guard.admit(&url).is_ok() {
                named += 1;
                assert!(guard.send(get(&guard, &url)).await.is_err(), "{url}");
            }
        }
    }
    let untouched = tokio::time::timeout(Duration::from_millis(200), listener.accept()).await;
    assert!(untouched.is_err(), "nothing may have connected");
    assert!(named >= 2, "no name came as far as its address");
    // The listener counts: an address that is allowed does reach it.
    let allowed = format!("http://127.0.0.1:{port}");
    let guard = Guard::new(allowed.parse().unwrap()).unwrap();
    let call = tokio::spawn(async move { guard.send(get(&guard, &allowed)).await.is_ok() });
    let reached = tokio::time::timeout(Duration::from_secs(5), listener.accept()).await;
    assert!(
        reached.is_ok_and(|accepted| accepted.is_ok()),
        "the control does not connect"
    );
    call.abort();
    writeln!(
        std::io::stdout(),
        "CHECK A14 pass {tried} addresses as a setting could name them ({named} by a name): 0 connections; control: 1"
    )
    .unwrap();
}

/// A server that says the same to everyone; the answer never ends when `endless`.
async fn serve(answer: &'static str, endless: bool) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 1_024];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(answer.as_bytes()).await;
            while endless && stream.write_all(&[b'x'; 512]).await.is_ok() {}
        }
    });
    origin
}

#[tokio::test]
async fn replies_keep_their_limits() {
    let redirect = serve(
        "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
        false,
    )
    .await;
    let announced = serve("HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n", false).await;
    let endless = serve("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", true).await;
    let garbage = serve("what is this\r\n\r\n", false).await;
    let allow = [&redirect, &announced, &endless, &garbage]
        .map(String::as_str)
        .join(",");
    let guard = Guard::new(allow.parse().unwrap()).unwrap();
    assert_eq!(guard.send(get(&guard, &redirect)).await.unwrap().status, 302);
    assert_eq!(
        guard.send(get(&guard, &announced)).await.unwrap_err(),
        SendError::TooLarge
    );
    assert_eq!(
        guard.send(get(&guard, &endless)).await.unwrap_err(),
        SendError::TooLarge
    );
    assert!(matches!(
        guard.send(get(&guard, &garbage)).await.unwrap_err(),
        SendError::Protocol(_)
    ));
}

#[tokio::test]
async fn silence_is_a_timeout() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let guard = Guard::new(url.parse().unwrap()).unwrap();
    let request = Outbound {
        timeout: Duration::from_millis(50),
        ..get(&guard, &url)
    };
    assert_eq!(guard.send(request).await.unwrap_err(), SendError::Timeout);
    drop(listener);
    assert_eq!(guard.send(get(&guard, &url)).await.unwrap_err(), SendError::Connect);
}
