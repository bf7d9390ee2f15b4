package io.salver.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * S3Proxy, an S3-compatible server that others wrote, in a process and with a class path of its
 * own: the module {@code s3-server} has its jars. It keeps everything in memory, and lets in who
 * signs with {@link #ACCESS_KEY} and {@link #SECRET_KEY}.
 */
public final class S3Server implements AutoCloseable {
  public static final String ACCESS_KEY = "local-identity";
  public static final String SECRET_KEY = "local-credential";

  private static final long START_LIMIT_NS = TimeUnit.SECONDS.toNanos(60);

  private final Process process;
  private final int port;

  private S3Server(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * Starts it, and returns once it answers.
   *
   * @param temporary where its configuration may be written
   */
  public static S3Server start(Path temporary) throws IOException {
    return start(temporary, freePort());
  }

  /** As the other, on a port of the caller's. */
  public static S3Server start(Path temporary, int port) throws IOException {
    Path configuration =
        Files.writeString(
            temporary.resolve("s3proxy.conf"),
            """
            s3proxy.endpoint=http://127.0.0.1:%d
            s3proxy.authorization=aws-v2-or-v4
            s3proxy.identity=%s
            s3proxy.credential=%s
            jclouds.provider=transient-nio2
            """
                .formatted(port, ACCESS_KEY, SECRET_KEY));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-cp",
                jars() + "/*",
                "org.gaul.s3proxy.Main",
                "--properties",
                configuration.toString())
            .redirectErrorStream(true)
            .redirectOutput(temporary.resolve("s3proxy.log").toFile())
            .start();
    S3Server server = new S3Server(process, port);
    server.awaitConnection(temporary);
    return server;
  }

  private static Path jars() {
    Path directory = Path.of("").toAbsolutePath();
    while (directory != null && !Files.isDirectory(directory.resolve("s3-server"))) {
      directory = directory.getParent();
    }
    if (directory == null) {
      throw new IllegalStateException("no module s3-server above " + Path.of("").toAbsolutePath());
    }
    return directory.resolve("s3-server/target/lib");
  }

  private void awaitConnection(Path temporary) throws IOException {
    long startNs = System.nanoTime();
    while (true) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
        return;
      } catch (IOException e) {
        if (!process.isAlive() || System.nanoTime() - startNs > START_LIMIT_NS) {
          close();
          throw new IOException(Files.readString(temporary.resolve("s3proxy.log")), e);
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
      }
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where clients find it. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** Its port of the loopback. */
  public int port() {
    return port;
  }

  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
  }
}
