//! Starting, crashing, sharing and stopping a private server.

use platform_database::{Cluster, Options};
use sqlx::{Connection, PgConnection};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

fn forgetful() -> Options {
    Options {
        durable: false,
        ..Options::default()
    }
}

/// A folder that the server's account can reach even when the tests run as root.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    folder
}

async fn answer(cluster: &Cluster, sql: &'static str) -> String {
    let mut connection = PgConnection::connect(&cluster.admin_url("postgres")).await.unwrap();
    let answer = sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    answer
}

fn send(signal: &str, pid: u32) {
    assert!(
        Command::new("kill")
            .args([signal, &pid.to_string()])
            .status()
            .unwrap()
            .success()
    );
}

fn is_alive(pid: u32) -> bool {
    // A dead process that nobody has waited for still has a number, but no folder.
    Path::new(&format!("/proc/{pid}/cwd")).read_link().is_ok()
}

fn wait_until_gone(pid: u32) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while is_alive(pid) {
        assert!(Instant::now() < deadline, "process {pid} does not end");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[tokio::test]
async fn keeps_what_was_written_over_a_stop_and_a_kill() {
    let folder = folder();
    let options = Options {
        settings: vec![("work_mem".into(), "5MB".into())],
        ..Options::default()
    };
    let cluster = Cluster::start(folder.path(), options.clone()).await.unwrap();
    assert_eq!(answer(&cluster, "show server_encoding").await, "UTF8");
    assert_eq!(answer(&cluster, "show data_checksums").await, "on");
    assert_eq!(answer(&cluster, "show fsync").await, "on");
    assert_eq!(answer(&cluster, "show listen_addresses").await, "");
    assert_eq!(answer(&cluster, "show work_mem").await, "5MB");
    answer(
        &cluster,
        "with made as (select set_config('a.b', '', false)) select '' from made",
    )
    .await;
    let mut connection = PgConnection::connect(&cluster.admin_url("postgres")).await.unwrap();
    sqlx::raw_sql("create table kept (word text); insert into kept values ('here')")
        .execute(&mut connection)
        .await
        .unwrap();

    let first = cluster.pid().unwrap();
    send("-KILL", first);
    wait_until_gone(first);
    // The file that names the dead server is still there.
    assert_eq!(cluster.pid(), Some(first));
    let again = Cluster::start(folder.path(), options.clone()).await.unwrap();
    assert_ne!(again.pid(), Some(first));
    assert_eq!(answer(&again, "select word from kept").await, "here");

    drop(cluster);
    let pid = again.pid().unwrap();
    again.stop().await.unwrap();
    wait_until_gone(pid);
    let third = Cluster::start(folder.path(), options).await.unwrap();
    assert_eq!(answer(&third, "select word from kept").await, "here");
}

#[tokio::test]
async fn survives_a_file_that_names_a_living_stranger() {
    let folder = folder();
    let cluster = Cluster::start(folder.path(), forgetful()).await.unwrap();
    let pid = cluster.pid().unwrap();
    let pid_file = cluster.data().join("postmaster.pid");
    let text = std::fs::read_to_string(&pid_file).unwrap();
    send("-KILL", pid);
    wait_until_gone(pid);
    let mut stranger = Command::new("sleep").arg("60").spawn().unwrap();
    std::fs::write(
        &pid_file,
        text.replacen(&pid.to_string(), &stranger.id().to_string(), 1),
    )
    .unwrap();

    let again = Cluster::start(folder.path(), forgetful()).await.unwrap();

    assert_ne!(again.pid(), Some(stranger.id()));
    assert_eq!(answer(&again, "select 'ready'").await, "ready");
    assert!(is_alive(stranger.id()), "a process that is not ours was ended");
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}

#[tokio::test]
async fn is_shared_and_stopped_by_the_last_user() {
    let folder = folder();
    let (one, two) = tokio::join!(
        Cluster::start(folder.path(), forgetful()),
        Cluster::start(folder.path(), forgetful())
    );
    let (one, two) = (one.unwrap(), two.unwrap());
    let pid = one.pid().unwrap();
    assert_eq!(two.pid(), Some(pid));
    one.stop().await.unwrap();
    assert_eq!(answer(&two, "select 'still here'").await, "still here");
    drop(two);
    wait_until_gone(pid);
}

#[tokio::test]
async fn finds_a_place_for_its_socket_under_a_long_path() {
    let folder = folder();
    let deep = folder.path().join("a-folder-with-a-long-name-".repeat(5));
    let cluster = Cluster::start(&deep, forgetful()).await.unwrap();
    assert_eq!(answer(&cluster, "select 'reached'").await, "reached");
    let sockets = cluster.socket_dir().to_owned();
    cluster.stop().await.unwrap();
    assert!(!sockets.starts_with(folder.path()));
    std::fs::remove_dir_all(sockets).unwrap();
}

#[tokio::test]
async fn lets_the_usual_programs_in() {
    let (cluster, _) = crate::shared::server().await;
    let psql = Command::new(cluster.binaries().program("psql"))
        .args([
            &cluster.url("barq_app", "barq"),
            "--no-psqlrc",
            "--tuples-only",
            "--no-align",
            "--command",
        ])
        .arg("select current_user")
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8_lossy(&psql.stdout),
        "barq_app\n",
        "{}",
        String::from_utf8_lossy(&psql.stderr)
    );
}

#[tokio::test]
async fn says_what_the_server_said_when_it_does_not_start() {
    let folder = folder();
    let options = Options {
        settings: vec![("no_such_setting".into(), "1".into())],
        ..forgetful()
    };
    let error = format!("{:#}", Cluster::start(folder.path(), options).await.unwrap_err());
    assert!(error.contains("no_such_setting"), "{error}");
}
