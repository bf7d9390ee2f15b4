package io.salver.source;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A web server with static files. HTTP has no way to ask what files there are, so a {@link
 * ChecksumFile} in the base path says it.
 */
final class HttpStore implements ModelStore {
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(30);
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes (\\d{1,18})-\\d+/(\\d{1,18})");

  private final HttpOptions options;
  private final HttpClient following = client(Redirect.NORMAL);
  private final HttpClient staying = client(Redirect.NEVER);
  private final Map<URI, Known> known = new ConcurrentHashMap<>();

  HttpStore(HttpOptions options) {
    this.options = options;
  }

  /** What a list of checksums said when it had this tag. */
  private record Known(String tag, Listing listing) {}

  private static HttpClient client(Redirect redirects) {
    return HttpClient.newBuilder()
        .connectTimeout(CONNECT_LIMIT)
        .followRedirects(redirects)
        .version(HttpClient.Version.HTTP_1_1)
        .build();
  }

  @Override
  public Listing list(URI base) throws StoreException, InterruptedException {
    URI uri = below(base, ChecksumFile.NAME);
    Known before = known.get(base);
    HttpRequest.Builder request = request(uri);
    if (before != null) {
      request.header("If-None-Match", before.tag());
    }
    HttpResponse<InputStream> response = send(uri, request.build());
    try (InputStream body = response.body()) {
      if (response.statusCode() == 304 && before != null) {
        return before.listing();
      }
      if (response.statusCode() != 200) {
        throw refused(uri, response.statusCode());
      }
      byte[] bytes = ChecksumFile.read(uri.toString(), body, ANSWER_LIMIT);
      Listing listing = listing(uri, bytes);
      response
          .headers()
          .firstValue("ETag")
          .ifPresentOrElse(
              tag -> known.put(base, new Known(tag, listing)), () -> known.remove(base));
      return listing;
    } catch (StoreException e) {
      throw e;
    } catch (IOException e) {
      throw new StoreException(uri + ": " + Causes.of(e), e);
    }
  }

  private static Listing listing(URI uri, byte[] bytes) throws StoreException {
    Listing.Builder builder = new Listing.Builder(true);
    ChecksumFile.parse(uri.toString(), bytes)
        .forEach((path, digest) -> builder.add(path, -1, "", Optional.of(digest), Instant.EPOCH));
    return builder.build();
  }

  /** Everything that is needed is in the list: a request for the headers alone is not for all. */
  @Override
  public StoredFile examine(URI base, StoredVersion version, StoredFile file) {
    return file;
  }

  @Override
  public Body open(
      URI base, StoredVersion version, StoredFile file, long offset, @Nullable String tag)
      throws StoreException, InterruptedException {
    URI uri = below(base, version.directory() + "/" + file.path());
    HttpRequest.Builder request = request(uri);
    if (offset > 0) {
      request.header("Range", "bytes=" + offset + "-");
    }
    if (tag != null) {
      request.header("If-Match", tag);
    }
    HttpResponse<InputStream> response = send(uri, request.build());
    try {
      return body(uri, response, offset);
    } catch (StoreException e) {
      close(response.body());
      throw e;
    }
  }

  private static Body body(URI uri, HttpResponse<InputStream> response, long offset)
      throws StoreException {
    HttpHeaders headers = response.headers();
    String tag = headers.firstValue("ETag").filter(t -> !t.startsWith("W/")).orElse(null);
    return switch (response.statusCode()) {
      case 200 ->
          new Body(response.body(), 0, headers.firstValueAsLong("Content-Length").orElse(-1), tag);
      case 206 -> {
        Matcher range =
            CONTENT_RANGE.matcher(headers.firstValue("Content-Range").orElse("nothing"));
        if (!range.matches() || Long.parseLong(range.group(1)) != offset) {
          throw new StoreException(
              uri + ": another range than was asked for (expected: bytes " + offset + "-)");
        }
        yield new Body(response.body(), offset, Long.parseLong(range.group(2)), tag);
      }
      case 416 -> {
        if (!headers.firstValue("Content-Range").equals(Optional.of("bytes */" + offset))) {
          throw new StoreException.Changed(uri + ": changed while it was read");
        }
        // Nothing is missing.
        close(response.body());
        yield new Body(InputStream.nullInputStream(), offset, offset, tag);
      }
      case 412 -> throw new StoreException.Changed(uri + ": changed while it was read");
      default -> throw refused(uri, response.statusCode());
    };
  }

  private static StoreException refused(URI uri, int status) {
    String hint =
        switch (status) {
          case 401, 403 -> " (expected: 200; may the server read it?)";
          case 404 -> " (expected: 200; is it there?)";
          default -> " (expected: 200)";
        };
    return new StoreException(uri + ": status " + status + hint);
  }

  private HttpRequest.Builder request(URI uri) throws StoreException {
    HttpRequest.Builder request;
    try {
      request = HttpRequest.newBuilder(uri).timeout(ANSWER_LIMIT);
    } catch (IllegalArgumentException e) {
      throw new StoreException(uri + ": cannot be asked: " + e.getMessage(), e);
    }
    Path file = tokenFile(uri);
    if (file != null) {
      try {
        request.header("Authorization", "Bearer " + Files.readString(file).strip());
      } catch (IOException | IllegalArgumentException e) {
        throw new StoreException(
            "stores.http.bearer_token_files: " + file + " cannot be used (expected: a token)");
      }
    }
    return request;
  }

  /** A host alone stands for https: what is secret goes in clear only where that is said. */
  private @Nullable Path tokenFile(URI uri) {
    String host = uri.getHost();
    return options
        .bearerTokenFiles()
        .get(uri.getScheme().equals("https") ? host : uri.getScheme() + "://" + host);
  }

  private HttpResponse<InputStream> send(URI uri, HttpRequest request)
      throws StoreException, InterruptedException {
    try {
      return (tokenFile(uri) != null ? staying : following)
          .send(request, BodyHandlers.ofInputStream());
    } catch (IOException e) {
      throw new StoreException(uri + ": " + Causes.of(e), e);
    }
  }

  private static URI below(URI base, String path) throws StoreException {
    try {
      String encoded = new URI(null, null, "/" + path, null).getRawPath();
      return URI.create(base + encoded);
    } catch (URISyntaxException e) {
      throw new StoreException(base + ": path " + StoredPaths.shown(path) + " in no URI", e);
    }
  }

  private static void close(InputStream body) {
    try {
      body.close();
    } catch (IOException e) {
      // Nobody reads it.
    }
  }

  @Override
  public void close() {
    following.shutdownNow();
    staying.shutdownNow();
  }
}
