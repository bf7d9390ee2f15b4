package io.salver.server.http;

/**
 * A request target in parts.
 *
 * @param path up to the question mark
 * @param query after it; empty if there is none
 */
record RequestTarget(String path, String query) {
  static RequestTarget parse(String target) {
    String local = target.startsWith("/") ? target : withoutAuthority(target);
    int mark = local.indexOf('?');
    return mark < 0
        ? new RequestTarget(local, "")
        : new RequestTarget(local.substring(0, mark), local.substring(mark + 1));
  }

  private static String withoutAuthority(String target) {
    int authority = target.indexOf("://");
    if (authority < 0) {
      return target;
    }
    int path = target.indexOf('/', authority + 3);
    return path < 0 ? "/" : target.substring(path);
  }
}
