package io.salver.source;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A fake web server of files: the JDK's, with ranges, tags and conditions as RFC 9110 has them, and
 * faults on demand.
 */
final class FileServer implements AutoCloseable {
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-");

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, byte[]> files = new ConcurrentHashMap<>();
  private final Map<String, Integer> statuses = new ConcurrentHashMap<>();
  private final Map<String, Integer> cuts = new ConcurrentHashMap<>();
  private final Map<String, Integer> failsAfterCut = new ConcurrentHashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private volatile boolean ranges = true;
  private volatile boolean tags = true;
  private volatile boolean lengths = true;
  private volatile @Nullable CountDownLatch hanging;
  private volatile @Nullable String token;

  FileServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  /** The base path {@code /m}. */
  URI base() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/m");
  }

  void put(String path, byte[] content) {
    files.put("/m/" + path, content);
  }

  void remove(String path) {
    files.remove("/m/" + path);
  }

  /** Lists these files as they are now. */
  void list(String... paths) {
    StringBuilder text = new StringBuilder();
    for (String path : paths) {
      text.append(sha256(files.get("/m/" + path))).append("  ").append(path).append('\n');
    }
    put("SHA256SUMS", text.toString().getBytes(StandardCharsets.UTF_8));
  }

  static String sha256(byte[] content) {
    try {
      return HexFormat.of()
          .formatHex(java.security.MessageDigest.getInstance("SHA-256").digest(content));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** From now on this path is answered with this status; 0 for as it should be. */
  void fail(String path, int status) {
    statuses.put("/m/" + path, status);
  }

  /** This path is answered with this status from its next cut on. */
  void failAfterCut(String path, int status) {
    failsAfterCut.put("/m/" + path, status);
  }

  /** The next answer for this path ends after so many bytes of its body. */
  void cutOnce(String path, int bytes) {
    cuts.put("/m/" + path, bytes);
  }

  /** From now on nobody is answered who does not bring it. */
  void requireToken(String bearer) {
    token = bearer;
  }

  void withoutRanges() {
    ranges = false;
  }

  /** From now on nobody is told how much comes. */
  void withoutLengths() {
    lengths = false;
  }

  void withoutTags() {
    tags = false;
  }

  /** From now on bodies begin and do not go on. */
  void hang() {
    hanging = new CountDownLatch(1);
  }

  /** What was asked for so far: path, and range if there was one. */
  List<String> requests() {
    return requests;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      String range = exchange.getRequestHeaders().getFirst("Range");
      requests.add(path.substring(3) + (range == null ? "" : " " + range));
      String brought = exchange.getRequestHeaders().getFirst("Authorization");
      if (token != null && !("Bearer " + token).equals(brought)) {
        exchange.sendResponseHeaders(401, -1);
        return;
      }
      int status = statuses.getOrDefault(path, 0);
      byte[] content = files.get(path);
      if (status != 0 || content == null) {
        exchange.sendResponseHeaders(status == 0 ? 404 : status, -1);
        return;
      }
      String tag = '"' + sha256(content).substring(0, 8) + '"';
      String ifMatch = exchange.getRequestHeaders().getFirst("If-Match");
      if (tags && ifMatch != null && !ifMatch.equals(tag)) {
        exchange.sendResponseHeaders(412, -1);
        return;
      }
      if (tags && tag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
        exchange.sendResponseHeaders(304, -1);
        return;
      }
      if (tags) {
        exchange.getResponseHeaders().set("ETag", tag);
      }
      send(exchange, path, content, range);
    }
  }

  private void send(HttpExchange exchange, String path, byte[] content, @Nullable String range)
      throws IOException {
    int from = 0;
    Matcher matcher = RANGE.matcher(range == null ? "" : range);
    if (ranges && matcher.matches()) {
      from = Integer.parseInt(matcher.group(1));
      if (from >= content.length) {
        exchange.getResponseHeaders().set("Content-Range", "bytes */" + content.length);
        exchange.sendResponseHeaders(416, -1);
        return;
      }
      exchange
          .getResponseHeaders()
          .set(
              "Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
    }
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, lengths ? content.length - from : 0);
    Integer cut = cuts.remove(path);
    CountDownLatch hang = hanging;
    int length = cut == null ? content.length - from : Math.min(cut, content.length - from);
    OutputStream body = exchange.getResponseBody();
    if (hang != null && !path.endsWith("SHA256SUMS")) {
      body.write(content, from, length / 2);
      body.flush();
      awaitEnd(hang);
      return;
    }
    if (cut != null && failsAfterCut.containsKey(path)) {
      statuses.put(path, failsAfterCut.remove(path));
    }
    body.write(content, from, length);
    body.flush();
  }

  private static void awaitEnd(CountDownLatch hang) {
    try {
      hang.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    CountDownLatch hang = hanging;
    if (hang != null) {
      hang.countDown();
    }
    server.stop(0);
    threads.shutdownNow();
  }
}
