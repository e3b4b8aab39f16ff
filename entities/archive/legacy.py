"""Legacy tables of the archive aggregate, as the data dictionary describes them."""

from django.db import models

from entities.engine.tables import LegacyModel


class LegacyUserType(LegacyModel):
    """Kinds of account."""

    id = models.AutoField(primary_key=True)
    name = models.CharField(max_length=255)
    description = models.CharField(max_length=255)

    class Meta(LegacyModel.Meta):
        db_table = "user_types"


class LegacyCourseSupertype(LegacyModel):
    """Scheduling shape of a course: fixed dates versus freely chosen date and hour."""

    id = models.AutoField(primary_key=True)
    name = models.CharField(max_length=100)

    class Meta(LegacyModel.Meta):
        db_table = "course_supertypes"


class LegacyCourseType(LegacyModel):
    """Commercial kind of a course: group, private, special."""

    id = models.AutoField(primary_key=True)
    name = models.CharField(max_length=100)

    class Meta(LegacyModel.Meta):
        db_table = "course_types"


class LegacyPaymentMethod(LegacyModel):
    """How a booking is or will be paid."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=100)

    class Meta(LegacyModel.Meta):
        db_table = "payment_methods"


class LegacyNwdSubtype(LegacyModel):
    """Kinds of monitor unavailability."""

    id = models.AutoField(primary_key=True)
    name = models.CharField(max_length=100)

    aliases = ("user_nwd_subtypes",)

    class Meta(LegacyModel.Meta):
        db_table = "user_nwd_aubtypes"


class LegacyAdminRestrictionAction(LegacyModel):
    """Actions that can be denied to an administrator."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=100)

    class Meta(LegacyModel.Meta):
        db_table = "admin_restriction_actions"


class LegacyAdminRestrictionType(LegacyModel):
    """Areas of the back office in which an action can be denied."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=100)

    class Meta(LegacyModel.Meta):
        db_table = "admin_restriction_types"


class LegacyUserCard(LegacyModel):
    """Payment cards stored by users, including number, expiry and security code."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=255, null=True)
    number = models.CharField(max_length=255, null=True)
    date = models.CharField(max_length=255, null=True)
    cvv = models.CharField(max_length=255, null=True)
    user_id = models.BigIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    sensitive = frozenset({"name", "number", "date", "cvv"})

    class Meta(LegacyModel.Meta):
        db_table = "user_cards"


class LegacyFavoriteSchool(LegacyModel):
    """Schools bookmarked by a user."""

    id = models.BigAutoField(primary_key=True)
    user_id = models.BigIntegerField()
    school_id = models.BigIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "user_favorite_schools"


class LegacyFavoriteStation(LegacyModel):
    """Stations bookmarked by a user."""

    id = models.BigAutoField(primary_key=True)
    user_id = models.BigIntegerField()
    station_id = models.BigIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "user_favorite_stations"


class LegacyCommunication(LegacyModel):
    """Announcements sent to schools or stations."""

    id = models.BigAutoField(primary_key=True)
    title = models.CharField(max_length=255, null=True)
    text = models.TextField(null=True)
    image = models.TextField(null=True)
    communication_reason_id = models.BigIntegerField(null=True)
    communication_receiver_id = models.BigIntegerField(null=True)
    communication_school_id = models.BigIntegerField(null=True)
    communication_station_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "communications"


class LegacyCommunicationRead(LegacyModel):
    """Which school has read which announcement."""

    id = models.BigAutoField(primary_key=True)
    communication_id = models.BigIntegerField()
    school_id = models.BigIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "communication_readeds"


class LegacyActivity(LegacyModel):
    """Leisure activities at a station."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=255, null=True)
    description = models.TextField(null=True)
    date = models.DateField(null=True)
    time = models.TimeField(null=True)
    station_id = models.BigIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "activities"


class LegacyEvent(LegacyModel):
    """Events at a station."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=255, null=True)
    description = models.TextField(null=True)
    date = models.DateField(null=True)
    time = models.TimeField(null=True)
    station_id = models.BigIntegerField()
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "events"


class LegacyOffer(LegacyModel):
    """Promotional texts."""

    id = models.BigAutoField(primary_key=True)
    title = models.CharField(max_length=255, null=True)
    description = models.TextField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "offers"


class LegacyArchivedFile(LegacyModel):
    """Files copied from an external URL to local storage."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=255, null=True)
    path = models.CharField(max_length=255, null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "archives"


class LegacyFirstCourse(LegacyModel):
    """First-generation group courses."""

    id = models.BigAutoField(primary_key=True)
    course_type_id = models.SmallIntegerField()
    sport_id = models.BigIntegerField()
    name = models.CharField(max_length=255, null=True)
    price = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    short_description = models.TextField(null=True)
    description = models.TextField(null=True)
    duration = models.TimeField(null=True)
    max_participants = models.IntegerField(null=True)
    date_start = models.DateField(null=True)
    date_end = models.DateField(null=True)
    school_id = models.BigIntegerField()
    confirm_attendance = models.SmallIntegerField(null=True)
    active = models.SmallIntegerField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "courses"


class LegacyFirstPrivateCourse(LegacyModel):
    """First-generation private courses."""

    id = models.BigAutoField(primary_key=True)
    course_type_id = models.SmallIntegerField()
    sport_id = models.BigIntegerField()
    name = models.CharField(max_length=255, null=True)
    price = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    short_description = models.TextField(null=True)
    description = models.TextField(null=True)
    duration = models.TimeField(null=True)
    max_participants = models.IntegerField(null=True)
    date_start = models.DateField(null=True)
    date_end = models.DateField(null=True)
    school_id = models.BigIntegerField()
    confirm_attendance = models.SmallIntegerField(null=True)
    active = models.SmallIntegerField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "courses_libres"


class LegacyFirstCourseDate(LegacyModel):
    """First-generation course sessions."""

    id = models.BigAutoField(primary_key=True)
    course_id = models.BigIntegerField()
    date = models.DateField(null=True)
    hour = models.TimeField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "course_dates"


class LegacyFirstCourseGroup(LegacyModel):
    """First-generation level groups."""

    id = models.BigAutoField(primary_key=True)
    course_id = models.BigIntegerField()
    degree_id = models.BigIntegerField()
    recommended_age = models.IntegerField(null=True)
    teachers_min = models.IntegerField(null=True)
    teachers_max = models.IntegerField(null=True)
    observations = models.TextField(null=True)
    teacher_min_degree = models.BigIntegerField(null=True)
    auto = models.SmallIntegerField(null=True)
    deleted = models.SmallIntegerField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "course_groups"


class LegacyFirstCourseSubgroup(LegacyModel):
    """First-generation subgroups."""

    id = models.BigAutoField(primary_key=True)
    course_group_id = models.BigIntegerField()
    monitor_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "course_groups_subgroups"


class LegacyFirstBooking(LegacyModel):
    """First-generation group bookings, one per subgroup."""

    id = models.BigAutoField(primary_key=True)
    course_group_subgroup_id = models.BigIntegerField()
    payment_method_id = models.BigIntegerField(null=True)
    paid = models.SmallIntegerField(null=True)
    attendance = models.SmallIntegerField(null=True)
    payrexx_reference = models.TextField(null=True)
    payrexx_transaction = models.TextField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    sensitive = frozenset({"payrexx_transaction"})

    class Meta(LegacyModel.Meta):
        db_table = "bookings"


class LegacyFirstBookingLine(LegacyModel):
    """First-generation participants of a group booking."""

    id = models.BigAutoField(primary_key=True)
    booking_id = models.BigIntegerField()
    client_id = models.BigIntegerField()
    attended = models.SmallIntegerField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "booking_users"


class LegacyFirstPrivateBooking(LegacyModel):
    """First-generation private bookings."""

    id = models.BigAutoField(primary_key=True)
    course_libre_id = models.BigIntegerField()
    monitor_id = models.BigIntegerField(null=True)
    date = models.DateField(null=True)
    hour = models.TimeField(null=True)
    payment_method_id = models.BigIntegerField(null=True)
    paid = models.SmallIntegerField(null=True)
    attendance = models.SmallIntegerField(null=True)
    payrexx_reference = models.TextField(null=True)
    payrexx_transaction = models.TextField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    sensitive = frozenset({"payrexx_transaction"})

    class Meta(LegacyModel.Meta):
        db_table = "bookings_libres"


class LegacyFirstPrivateBookingLine(LegacyModel):
    """First-generation participants of a private booking."""

    id = models.BigAutoField(primary_key=True)
    booking_libre_id = models.BigIntegerField()
    client_id = models.BigIntegerField()
    attended = models.SmallIntegerField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    class Meta(LegacyModel.Meta):
        db_table = "bookings_libres_users"


class LegacyDegreeSchoolType(LegacyModel):
    """Old naming of levels per kind of school, before it became per school and sport."""

    id = models.BigAutoField(primary_key=True)
    degree_id = models.BigIntegerField()
    school_type_id = models.BigIntegerField()
    league = models.CharField(max_length=255, null=True)
    level = models.CharField(max_length=255, null=True)
    name = models.CharField(max_length=100, null=True)

    class Meta(LegacyModel.Meta):
        db_table = "degrees_school_type"
