package io.salver.server.access;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyType;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An issuer's public keys, as they were read last. Thread-safe; reading blocks, and is not for
 * event loops.
 *
 * <p>What cannot be read is logged, and the last that could be stays in use.
 */
final class KeySet implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(KeySet.class.getName());
  private static final int MAX_BYTES = 1 << 20;
  private static final int MAX_KEYS = 100;

  /** The most keys that the signature of one token is tried with. */
  private static final int MAX_CANDIDATES = 8;

  private static final Duration FETCH_LIMIT = Duration.ofSeconds(10);

  /** Tokens that name an unknown key make nobody read more often than this. */
  private static final long LEAST_INTERVAL_NS = Duration.ofSeconds(10).toNanos();

  private final TokenSettings.KeySource source;
  private final LongSupplier nanoTime;
  private final ReentrantLock reading = new ReentrantLock();
  private volatile @Nullable List<JWK> keys;
  private volatile @Nullable HttpClient client;

  /** When the keys were read last, in vain or not; behind {@link #reading}. */
  private long readNs;

  private boolean everRead;
  private String complaint = "";

  KeySet(TokenSettings.KeySource source, LongSupplier nanoTime) {
    this.source = source;
    this.nanoTime = nanoTime;
  }

  /** Whether keys were ever read. */
  boolean isKnown() {
    return keys != null;
  }

  /** The keys with which a token that has this header may be signed. */
  List<JWK> candidates(JWSHeader header) {
    List<JWK> known = keys;
    JWKMatcher matcher = JWKMatcher.forJWSHeader(header);
    return known == null || matcher == null
        ? List.of()
        : known.stream().filter(matcher::matches).limit(MAX_CANDIDATES).toList();
  }

  /**
   * Reads the keys unless somebody does so or did so a moment ago; waits for whoever does so if
   * there are none yet.
   *
   * @return whether there are keys that may not have been there before
   */
  boolean refreshIfDue() {
    boolean first = !isKnown();
    if (first) {
      reading.lock();
    } else if (!reading.tryLock()) {
      return false;
    }
    try {
      if (first && isKnown()) {
        return true;
      }
      if (everRead && nanoTime.getAsLong() - readNs < LEAST_INTERVAL_NS) {
        return false;
      }
      return read();
    } finally {
      reading.unlock();
    }
  }

  /** Reads the keys. */
  void refresh() {
    reading.lock();
    try {
      read();
    } finally {
      reading.unlock();
    }
  }

  private boolean read() {
    everRead = true;
    readNs = nanoTime.getAsLong();
    try {
      keys = parse(document());
      complaint = "";
      return true;
    } catch (IOException | ExecutionException | RuntimeException e) {
      complain(e.toString());
    } catch (ParseException e) {
      complain(String.valueOf(e.getMessage()));
    } catch (TimeoutException e) {
      complain("no answer within " + FETCH_LIMIT.toSeconds() + " s");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  private void complain(String why) {
    if (!why.equals(complaint)) {
      complaint = why;
      LOG.log(
          System.Logger.Level.WARNING,
          "keys of tokens cannot be read, {0}: {1}",
          isKnown() ? "the last ones stay in use" : "no token is accepted",
          why);
    }
  }

  /**
   * The public keys of a document.
   *
   * @throws ParseException if it is no key set, or has no key to check signatures with
   */
  static List<JWK> parse(String document) throws ParseException {
    JWKSet set = JWKSet.parse(document);
    List<JWK> usable =
        set.getKeys().stream().filter(key -> !key.getKeyType().equals(KeyType.OCT)).toList();
    if (usable.stream().anyMatch(JWK::isPrivate)) {
      throw new ParseException("a private key is among them (expected: public keys only)", 0);
    }
    if (usable.isEmpty() || usable.size() > MAX_KEYS) {
      throw new ParseException(usable.size() + " public keys (expected: 1 to " + MAX_KEYS + ")", 0);
    }
    return usable;
  }

  private String document()
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    return switch (source) {
      case TokenSettings.KeySource.File(var path) -> {
        try (InputStream in = Files.newInputStream(path)) {
          byte[] bytes = in.readNBytes(MAX_BYTES + 1);
          if (bytes.length > MAX_BYTES) {
            throw new IOException(path + ": too long (expected: at most " + MAX_BYTES + " bytes)");
          }
          yield new String(bytes, StandardCharsets.UTF_8);
        }
      }
      case TokenSettings.KeySource.Url(var uri) -> {
        HttpRequest request = HttpRequest.newBuilder(uri).build();
        HttpResponse<String> response = fetch(request);
        if (response.statusCode() != 200) {
          throw new IOException(uri + ": status " + response.statusCode() + " (expected: 200)");
        }
        yield response.body();
      }
    };
  }

  /** The client's own timeout ends with the headers. */
  private HttpResponse<String> fetch(HttpRequest request)
      throws InterruptedException, ExecutionException, TimeoutException {
    CompletableFuture<HttpResponse<String>> response =
        client()
            .sendAsync(
                request,
                BodyHandlers.limiting(BodyHandlers.ofString(StandardCharsets.UTF_8), MAX_BYTES));
    try {
      return response.get(FETCH_LIMIT.toNanos(), TimeUnit.NANOSECONDS);
    } finally {
      response.cancel(true);
    }
  }

  private HttpClient client() {
    HttpClient known = client;
    if (known == null) {
      known = HttpClient.newBuilder().connectTimeout(FETCH_LIMIT).build();
      client = known;
    }
    return known;
  }

  @Override
  public void close() {
    HttpClient known = client;
    if (known != null) {
      known.shutdownNow();
    }
  }
}
