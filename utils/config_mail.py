"""Settings of mail: who sends it, and in whose name."""

from typing import Literal

from email_validator import EmailNotValidError, validate_email
from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings

from utils.config_fields import secret, whole


class MailSettings(BaseSettings):
    """What concerns the letters the shop writes."""

    shop_name: str = Field("Commerce Shop", min_length=1, max_length=60, description="1 to 60 characters")
    mail_provider: Literal["smtp", "sendgrid", "console"] = Field("console", description="smtp, sendgrid, console")
    mail_from: str = Field("shop@localhost.localdomain", description="an e-mail address")
    mail_timeout_seconds: int = whole(10, 1, 60)
    smtp_host: str | None = Field(None, description="a host name")
    smtp_port: int = whole(587, 1, 65535)
    smtp_security: Literal["starttls", "tls", "none"] = Field("starttls", description="starttls, tls, none")
    smtp_user: str | None = Field(None, description="a name to log in with")
    smtp_password: str | None = secret("a password")
    sendgrid_api_key: str | None = secret("an API key")
    sendgrid_api_url: str = Field("https://api.sendgrid.com", description="https://HOST")

    @field_validator("mail_from")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        try:
            return validate_email(value, check_deliverability=False, test_environment=True).normalized
        except EmailNotValidError:
            raise ValueError from None

    @model_validator(mode="after")
    def _provider_is_complete(self) -> "MailSettings":
        missing = []
        if self.mail_provider == "smtp" and self.smtp_host is None:
            missing.append("SMTP_HOST: MAIL_PROVIDER=smtp needs it.")
        if self.mail_provider == "sendgrid" and self.sendgrid_api_key is None:
            missing.append("SENDGRID_API_KEY: MAIL_PROVIDER=sendgrid needs it.")
        if (self.smtp_user is None) != (self.smtp_password is None):
            missing.append("SMTP_USER, SMTP_PASSWORD: set both or neither.")
        if self.smtp_user is not None and self.smtp_security == "none":
            missing.append("SMTP_SECURITY: allowed with a password is starttls or tls, so that nobody reads it.")
        if missing:
            raise ValueError("\n".join(missing))
        return self
