package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;

/** Debian's Chromium at a server's console; keeps what the page complains of. */
final class ConsoleBrowser implements AutoCloseable {
  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
  private static final Path SCREENSHOTS = Path.of("target/screenshots");

  /** What a server may be without: the console says so, and so does the browser. */
  private static final List<String> OPTIONAL = List.of("/v1/control/");

  private static final int WIDTH = 1280;
  private static final int HEIGHT = 860;
  private static final int LIMIT_MS = 60_000;

  private final Playwright playwright;
  private final Browser browser;
  private final String origin;
  private final List<String> complaints = new CopyOnWriteArrayList<>();

  private ConsoleBrowser(Playwright playwright, Browser browser, String origin) {
    this.playwright = playwright;
    this.browser = browser;
    this.origin = origin;
  }

  /** Starts it, or skips the test where there is none. */
  static ConsoleBrowser start(int port) {
    assumeTrue(
        Files.isExecutable(CHROMIUM),
        () -> CHROMIUM + " is missing (scripts/install-test-tools installs it)");
    Playwright playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    Browser browser =
        playwright.chromium().launch(new BrowserType.LaunchOptions().setExecutablePath(CHROMIUM));
    return new ConsoleBrowser(playwright, browser, "http://127.0.0.1:" + port);
  }

  /** A page in a profile of its own. */
  Page open(ColorScheme theme, String path) {
    BrowserContext context =
        browser.newContext(
            new Browser.NewContextOptions()
                .setBaseURL(origin)
                .setColorScheme(theme)
                .setViewportSize(WIDTH, HEIGHT));
    context.setDefaultTimeout(LIMIT_MS);
    Page page = context.newPage();
    page.onConsoleMessage(message -> {
      if (message.type().equals("error")
          && OPTIONAL.stream().noneMatch(message.location()::contains)) {
        complaints.add(page.url() + ": " + message.text());
      }
    });
    page.onPageError(error -> complaints.add(page.url() + ": " + error));
    page.navigate(path);
    return page;
  }

  /** Fails the test if a page complained of something. */
  void assertNoComplaints() {
    assertThat(complaints).as("errors in the browser's console").isEmpty();
  }

  /** Takes what pages complained of so far as understood. */
  void forgetComplaints() {
    complaints.clear();
  }

  /** The button that is called so. */
  static Locator button(Page page, String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  /** Presses a button of the dialog that asks whether one is sure. */
  static void confirm(Page page, String action) {
    page.getByRole(AriaRole.DIALOG)
        .getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(action).setExact(true))
        .click();
  }

  /** Returns once the page gets the server's events. */
  static void awaitLive(Page page) {
    PlaywrightAssertions.assertThat(page.locator("#live")).hasText("Live");
  }

  /** Keeps a picture of the page, all of it. */
  static void screenshot(Page page, String name) {
    page.screenshot(
        new Page.ScreenshotOptions().setFullPage(true).setPath(SCREENSHOTS.resolve(name + ".png")));
  }

  /** Fails the test if axe-core finds something on the page that keeps people out. */
  static void assertAccessible(Page page) throws IOException {
    if (!(Boolean) page.evaluate("typeof axe === 'object'")) {
      page.evaluate(axe());
    }
    String found =
        (String) page.evaluate("axe.run().then(result => JSON.stringify(result.violations))");
    JsonArray violations = JsonParser.parseString(found).getAsJsonArray();
    StringBuilder said = new StringBuilder();
    for (JsonElement violation : violations) {
      JsonObject rule = violation.getAsJsonObject();
      said.append(rule.get("id").getAsString()).append(": ").append(rule.get("help").getAsString());
      rule.getAsJsonArray("nodes")
          .forEach(node -> said.append("\n  ").append(node.getAsJsonObject().get("html")));
      said.append('\n');
    }
    assertThat(said.toString()).as("what axe-core finds on " + page.url()).isEmpty();
  }

  private static String axe() throws IOException {
    Properties about = new Properties();
    about.load(
        new StringReader(resource("META-INF/maven/org.webjars.npm/axe-core/pom.properties")));
    String version = about.getProperty("version");
    return resource("META-INF/resources/webjars/axe-core/" + version + "/axe.min.js");
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = ConsoleBrowser.class.getClassLoader().getResourceAsStream(name)) {
      assertThat(in).as(name).isNotNull();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Override
  public void close() {
    browser.close();
    playwright.close();
  }
}
