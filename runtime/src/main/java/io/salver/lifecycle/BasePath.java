package io.salver.lifecycle;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Where the versions of a model are: below a directory, or in a store that is asked for them. */
public sealed interface BasePath {
  /** The schemes of stores. */
  Set<String> STORES = Set.of("s3", "http", "https");

  /** How a URI begins, and a path does not. */
  Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://");

  /**
   * A directory of this machine, whose sub-directories are versions.
   *
   * @param directory absolute
   */
  record Local(Path directory) implements BasePath {
    public Local {
      if (!directory.isAbsolute()) {
        throw new IllegalArgumentException(
            "base path: \"" + directory + "\" (expected: an absolute path)");
      }
    }

    @Override
    public String toString() {
      return directory.toString();
    }
  }

  /**
   * A place in a store.
   *
   * @param uri with one of the {@link #STORES}' schemes and a host or bucket; without user, query
   *     and fragment; its path does not end in a slash
   */
  record Remote(URI uri) implements BasePath {
    @Override
    public String toString() {
      return uri.toString();
    }
  }

  /**
   * Reads a base path as users write it: a path, {@code file://}, {@code s3://}, {@code https://}
   * or {@code http://}. Relative paths are resolved.
   *
   * @throws IllegalArgumentException with the text and what was expected
   */
  static BasePath parse(String text) {
    if (!isUri(text)) {
      return new Local(path(text));
    }
    URI uri = uri(text);
    String name = uri.getScheme().toLowerCase(Locale.ROOT);
    if (name.equals("file")) {
      return new Local(filePath(uri));
    }
    if (!STORES.contains(name)) {
      throw new IllegalArgumentException(
          text + " (expected: a path, file://, s3://, https:// or http://)");
    }
    return remote(name, uri);
  }

  /** Whether a text is to be read as a URI, and not as a path. */
  static boolean isUri(String text) {
    return SCHEME.matcher(text).lookingAt();
  }

  private static BasePath remote(String scheme, URI uri) {
    if (uri.getRawUserInfo() != null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw new IllegalArgumentException(
          scheme
              + "://... with a user, a query or a fragment (expected: none of them; what is secret"
              + " does not belong in a path)");
    }
    String authority = uri.getRawAuthority();
    if (authority == null || authority.isEmpty()) {
      throw new IllegalArgumentException(
          uri + " (expected: a " + (scheme.equals("s3") ? "bucket)" : "host)"));
    }
    if (scheme.equals("s3") && authority.contains(":")) {
      throw new IllegalArgumentException(
          uri
              + " (expected: s3://BUCKET/PREFIX, and the endpoint as stores.s3.endpoint or"
              + " AWS_ENDPOINT_URL_S3)");
    }
    String path = uri.getRawPath().replaceAll("/+$", "");
    return new Remote(URI.create(scheme + "://" + authority + path));
  }

  private static URI uri(String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      // Its message would show the text, and in it what was meant to be a password.
      throw new IllegalArgumentException(
          text.substring(0, text.indexOf("://")) + "://... (expected: a URI): " + e.getReason());
    }
  }

  private static Path filePath(URI uri) {
    try {
      return Path.of(uri);
    } catch (IllegalArgumentException | FileSystemNotFoundException e) {
      throw new IllegalArgumentException(uri + ": " + e.getMessage(), e);
    }
  }

  private static Path path(String text) {
    try {
      return Path.of(text).toAbsolutePath().normalize();
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(e.getInput() + " (expected: a path): " + e.getReason(), e);
    }
  }
}
