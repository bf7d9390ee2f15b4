package io.salver.it;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every screen of the console in a browser, against a server of the example models. */
class ConsoleScreensTest {
  private static final String ETA =
      """
      {"instances": [{"orders_ahead": 3, "outstanding_orders": 12, "courier_load": 0.7,
       "distance_km": 2.4, "hour_of_day": 19}]}
      """;

  @TempDir private static Path temporary;
  private static ConsoleStand stand;
  private static ConsoleBrowser browser;

  @BeforeAll
  static void start() throws Exception {
    Path broken = Files.createDirectories(temporary.resolve("broken/1"));
    Files.writeString(broken.resolve("model.onnx"), "no model");
    Path models = HalfPlusTwoCalls.directory().getParent();
    Path config =
        Files.writeString(
            temporary.resolve("salver.yaml"),
            """
            models:
              - {name: half_plus_two, base_path: %1$s/half_plus_two, cache: {max_size: 1MiB}}
              - name: food_delivery_eta
                base_path: %1$s/food_delivery_eta
                versions: all
                labels: {stable: 1, canary: 2}
              - {name: food_delivery_late, base_path: %1$s/food_delivery_late}
              - {name: dish, base_path: %1$s/dish}
              - {name: broken, base_path: %2$s}
            """
                .formatted(models, broken.getParent()));
    stand = ConsoleStand.start(config, Duration.ofMillis(50), ConsoleScreensTest::ask);
    browser = stand.browser();
  }

  /** Some of it is wrong, so that there is something to see. */
  private static void ask(RestClient rest, int round) throws IOException, InterruptedException {
    rest.post("/v1/models/half_plus_two:predict", HalfPlusTwoCalls.json(round % 7));
    rest.post("/v1/models/food_delivery_eta:predict", ETA);
    rest.post("/v1/models/food_delivery_eta/labels/stable:predict", ETA);
    if (round % 10 == 0) {
      rest.post("/v1/models/food_delivery_eta:predict", "{\"instances\": [1]}");
    }
  }

  @AfterAll
  static void stop() {
    if (stand != null) {
      stand.close();
    }
  }

  @BeforeEach
  void beginAnew() {
    browser.forgetComplaints();
  }

  @AfterEach
  void nothingWasComplainedOf() {
    browser.assertNoComplaints();
  }

  @ParameterizedTest
  @EnumSource(
      value = ColorScheme.class,
      names = {"LIGHT", "DARK"})
  void everyScreenIsThereForEverybody(ColorScheme theme) throws IOException {
    Map<String, String> screens = new LinkedHashMap<>();
    screens.put("/", "models");
    screens.put("/console/models/food_delivery_eta", "model");
    screens.put("/console/models/half_plus_two", "model-with-cache");
    screens.put("/console/models/broken", "model-broken");
    screens.put("/console/try?model=food_delivery_eta", "try");
    screens.put("/console/try?model=dish", "try-picture");
    screens.put("/console/endpoints", "endpoints");
    screens.put("/console/new-endpoint", "endpoint-form");
    screens.put("/console/activity", "activity");
    screens.put("/console/costs", "costs");
    screens.put("/console/nowhere", "nowhere");
    Page page = browser.open(theme, "/");
    for (Map.Entry<String, String> screen : screens.entrySet()) {
      page.navigate(screen.getKey());
      ConsoleBrowser.awaitLive(page);
      assertThat(page.locator("main h1")).hasCount(1);
      assertThat(page.locator(".loading")).hasCount(0);
      assertThat(page.locator("html"))
          .hasAttribute("data-theme", theme.name().toLowerCase(Locale.ROOT));
      if (screen.getValue().startsWith("model")) {
        assertThat(page.locator("main")).containsText(Pattern.compile("\\d ms|Failing"));
      }
      ConsoleBrowser.screenshot(
          page, screen.getValue() + "-" + theme.name().toLowerCase(Locale.ROOT));
      ConsoleBrowser.assertAccessible(page);
    }
    page.context().close();
  }

  @Test
  void aNarrowWindowIsEnough() throws IOException {
    Page page = browser.open(ColorScheme.LIGHT, "/");
    page.setViewportSize(390, 800);
    for (String path :
        new String[] {"/console/", "/console/models/food_delivery_eta", "/console/try"}) {
      page.navigate(path);
      ConsoleBrowser.awaitLive(page);
      assertThat(page.locator(".loading")).hasCount(0);
      assertThat((Integer) page.evaluate("document.documentElement.scrollWidth"))
          .as("width of " + path)
          .isLessThanOrEqualTo(390);
      ConsoleBrowser.screenshot(page, "narrow" + path.replace("/", "-"));
      ConsoleBrowser.assertAccessible(page);
    }
    page.context().close();
  }

  @Test
  void aModelThatCannotBeLoadedSaysWhy() {
    Page page = browser.open(ColorScheme.LIGHT, "/");

    Locator row = page.locator("tr", new Page.LocatorOptions().setHasText("broken"));
    assertThat(row.first()).containsText("Failing");
    assertThat(page.locator(".why")).containsText("Version 1: ");
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("broken")).click();
    assertThat(page.locator("main")).containsText("The signature can be read once");
    page.context().close();
  }

  @Test
  void theFilterNarrowsTheModelsDown() {
    Page page = browser.open(ColorScheme.LIGHT, "/");
    ConsoleBrowser.awaitLive(page);
    page.getByLabel("Filter models").fill("trees");
    assertThat(page.locator("tbody tr")).hasCount(1);
    assertThat(page.locator("tbody tr")).containsText("food_delivery_late");
    page.getByLabel("Filter models").fill("nothing like it");
    assertThat(page.locator("main")).containsText("No model matches");
    page.context().close();
  }

  @Test
  void aModelCanBeTriedFromItsForm() {
    Page page = browser.open(ColorScheme.LIGHT, "/console/try?model=half_plus_two");
    page.getByLabel("x", new Page.GetByLabelOptions().setExact(true)).fill("7");
    assertThat(page.getByLabel("The request as a command")).containsText("{\"x\":7}");
    ConsoleBrowser.button(page, "Send").click();
    assertThat(page.locator(".answer")).hasText("5.5");
    assertThat(page.locator(".facts")).containsText("200 OK");
    assertThat(page.locator(".facts")).containsText("seen by this browser");

    page.getByLabel("x", new Page.GetByLabelOptions().setExact(true)).fill("seven");
    assertThat(page.locator(".field-problem")).containsText("x: “seven” (expected: a number)");
    assertThat(ConsoleBrowser.button(page, "Send")).isDisabled();

    page.getByLabel("JSON", new Page.GetByLabelOptions().setExact(true)).check();
    page.getByLabel("Request as JSON").fill("{\"instances\": [3, 5]}");
    page.getByLabel("Request as JSON").press("Control+Enter");
    assertThat(page.locator(".answer")).containsText("3.5");
    assertThat(page.locator(".answer")).containsText("Row 2");
    page.context().close();
  }

  @Test
  void aRefusalIsShownInItsOwnWords() {
    Page page = browser.open(ColorScheme.LIGHT, "/console/try?model=half_plus_two");
    page.getByLabel("JSON", new Page.GetByLabelOptions().setExact(true)).check();
    page.getByLabel("Request as JSON").fill("{\"instances\": [\"three\"]}");
    ConsoleBrowser.button(page, "Send").click();
    assertThat(page.locator(".facts")).containsText("400");
    assertThat(page.locator(".refusal")).containsText("three");
    browser.forgetComplaints();
    page.context().close();
  }

  @Test
  void aPictureIsRecognised() {
    Page page = browser.open(ColorScheme.LIGHT, "/console/try?model=dish");
    page.getByLabel("image", new Page.GetByLabelOptions().setExact(true))
        .setInputFiles(SalverProcess.root().resolve("examples/images/pizza.jpg"));
    assertThat(page.locator(".drop")).containsText("pizza.jpg");
    ConsoleBrowser.button(page, "Send").click();
    assertThat(page.locator(".answer .bar-row").first()).containsText("pizza");
    ConsoleBrowser.screenshot(page, "try-answer-light");
    page.context().close();
  }

  @Test
  void everythingCanBeReachedByKeys() {
    Page page = browser.open(ColorScheme.LIGHT, "/console/models/food_delivery_eta");
    ConsoleBrowser.awaitLive(page);
    page.keyboard().press("Tab");
    assertThat(page.locator(":focus")).hasText("Skip to the content");
    page.keyboard().press("Enter");
    assertThat(page.locator("main")).isFocused();

    Locator second = page.getByLabel("Version 2", new Page.GetByLabelOptions().setExact(true));
    assertThat(second).isChecked();
    second.focus();
    page.keyboard().press("ArrowRight");
    assertThat(page.getByLabel("Version 1", new Page.GetByLabelOptions().setExact(true)))
        .isChecked();

    Locator chart = page.locator("svg.chart").first();
    chart.focus();
    page.keyboard().press("ArrowLeft");
    assertThat(page.locator(".legend-when").first()).containsText("s ago");
    assertThat(chart)
        .hasAttribute("aria-label", Pattern.compile("Requests per second: Requests .+"));
    page.context().close();
  }

  @Test
  void theThemeCanBeChosenAndIsKept() {
    Page page = browser.open(ColorScheme.LIGHT, "/");
    ConsoleBrowser.button(page, "Dark theme").click();
    assertThat(page.locator("html")).hasAttribute("data-theme", "dark");
    page.reload();
    assertThat(page.locator("html")).hasAttribute("data-theme", "dark");
    ConsoleBrowser.button(page, "Light theme").click();
    assertThat(page.locator("html")).hasAttribute("data-theme", "light");
    page.context().close();
  }

  @Test
  void aKeyIsSentAndForgottenWithTheTab() {
    Page page = browser.open(ColorScheme.LIGHT, "/");
    ConsoleBrowser.button(page, "API key").click();
    page.getByLabel("Key or token").fill("secret");
    var request =
        page.waitForRequest("**/v1/events", () -> ConsoleBrowser.button(page, "Use it").click());
    assertThat(request.headerValue("authorization")).isEqualTo("Bearer secret");
    assertThat(page.evaluate("localStorage.length")).isEqualTo(0);
    page.context().close();
  }

  @Test
  void aServerThatIsGoneIsWaitedFor() throws Exception {
    Path models = HalfPlusTwoCalls.directory();
    int port = SalverProcess.freePort();
    String[] arguments = {
      "serve",
      "--port=" + SalverProcess.freePort(),
      "--rest_api_port=" + port,
      "--model_name=half_plus_two",
      "--model_base_path=" + models
    };
    try (ConsoleBrowser other = ConsoleBrowser.start(port)) {
      Page page;
      try (SalverProcess first = SalverProcess.start(arguments)) {
        first.awaitLine("Ready");
        page = other.open(ColorScheme.DARK, "/");
        ConsoleBrowser.awaitLive(page);
        first.terminate();
        assertThat(first.exitCode()).as("ends although somebody listens").isZero();
      }
      assertThat(page.locator("#banner")).containsText("The server does not answer");
      assertThat(page.locator("#live")).hasText("Not connected");
      ConsoleBrowser.screenshot(page, "gone-dark");
      try (SalverProcess second = SalverProcess.start(arguments)) {
        second.awaitLine("Ready");
        ConsoleBrowser.awaitLive(page);
        assertThat(page.locator("#banner")).isEmpty();
        assertThat(page.locator("tbody")).containsText("half_plus_two");
      }
    }
  }
}
