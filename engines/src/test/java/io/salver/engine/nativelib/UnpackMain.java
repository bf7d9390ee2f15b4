package io.salver.engine.nativelib;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** A process of its own that unpacks {@code bundle/lib.so}, and prints where to. */
final class UnpackMain {
  static final NativeBundle BUNDLE =
      new NativeBundle(
          "test",
          Map.of(NativeBundle.platform(), "bundle/here", "plan9-vax", "bundle/there"),
          List.of("lib.so", "lib2.so"));

  private UnpackMain() {}

  public static void main(String[] args) throws IOException {
    System.out.println("up");
    System.out.flush();
    if (System.in.read() < 0) {
      throw new IOException("no start signal");
    }
    System.out.println(NativeLibraries.unpack(UnpackMain.class.getClassLoader(), BUNDLE));
  }
}
